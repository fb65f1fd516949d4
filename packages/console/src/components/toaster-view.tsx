import { Portal, Stack, Toast, Toaster as ChakraToaster, createToaster } from '@chakra-ui/react';
import type { Notice } from './toaster.tsx';

const toaster = createToaster({ placement: 'bottom-end', pauseOnPageIdle: true, max: 4 });

/** Shows a notice, also before the place for it is there. */
export function show(notice: Notice): void {
  toaster.create({ type: 'success', ...notice });
}

export default function ToasterView() {
  return (
    <Portal>
      <ChakraToaster toaster={toaster} insetInline={{ mdDown: '4' }}>
        {(toast) => (
          <Toast.Root width={{ md: 'sm' }} bg="bg.panel" color="fg" borderWidth="1px" shadow="lg">
            <Toast.Indicator color="fg.success" />
            <Stack gap="0.5" flex="1" minW="0">
              <Toast.Title fontWeight="medium">{toast.title}</Toast.Title>
              {toast.description !== undefined && (
                // The recipe makes it paler still, and then it no longer passes 4.5:1.
                <Toast.Description color="fg.muted" opacity="1">
                  {toast.description}
                </Toast.Description>
              )}
            </Stack>
            {toast.action && (
              <Toast.ActionTrigger color="brand.fg" borderColor="border">
                {toast.action.label}
              </Toast.ActionTrigger>
            )}
            <Toast.CloseTrigger color="fg.muted" />
          </Toast.Root>
        )}
      </ChakraToaster>
    </Portal>
  );
}
