import { Portal, Stack, Toast, Toaster as ChakraToaster, createToaster } from '@chakra-ui/react';

const toaster = createToaster({ placement: 'bottom-end', pauseOnPageIdle: true, max: 4 });

interface Notice {
  readonly title: string;
  readonly description?: string;
  readonly action?: { readonly label: string; readonly onClick: () => void };
}

/** Tells that something was done, without taking the focus. Failures stand where they happened, not here. */
export function notify(notice: Notice): void {
  toaster.create({ type: 'success', ...notice });
}

export function Toaster() {
  return (
    <Portal>
      <ChakraToaster toaster={toaster} insetInline={{ mdDown: '4' }}>
        {(toast) => (
          <Toast.Root width={{ md: 'sm' }} bg="bg.panel" color="fg" borderWidth="1px" shadow="lg">
            <Toast.Indicator color="fg.success" />
            <Stack gap="0.5" flex="1" minW="0">
              <Toast.Title fontWeight="medium">{toast.title}</Toast.Title>
              {toast.description !== undefined && (
                <Toast.Description color="fg.muted">{toast.description}</Toast.Description>
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
