import { Button, CloseButton, Dialog, Flex, Portal, Spinner, Text } from '@chakra-ui/react';
import { useMutation } from '@tanstack/react-query';
import type { AuditVerification } from '@tenantry/contract';
import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { Mono } from '../../components/code-block.tsx';
import { Details } from '../../components/details.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { api } from '../../lib/api.ts';
import { count } from '../../lib/format.ts';

/** Recomputes the hash chain over the whole trail, and says what came out. */
export function VerifyButton() {
  const [open, setOpen] = useState(false);
  const { mutate, data, error, isPending } = useMutation({ mutationFn: () => api.call('verifyAudit', {}) });
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(details) => {
        setOpen(details.open);
        if (details.open) mutate();
      }}
      placement="center"
      lazyMount
      unmountOnExit
    >
      <Dialog.Trigger asChild>
        <Button size="sm" variant="outline" colorPalette="gray" bg="bg.panel">
          <ShieldCheck aria-hidden /> Verify chain
        </Button>
      </Dialog.Trigger>
      <Portal>
        <Dialog.Backdrop />
        <Dialog.Positioner px="4">
          <Dialog.Content maxW="520px">
            <Dialog.Header pb="2">
              <Dialog.Title fontSize="md">Is the trail as it was written?</Dialog.Title>
            </Dialog.Header>
            <Dialog.Body aria-live="polite">
              {isPending && (
                <Flex align="center" gap="3" py="4" color="fg.muted">
                  <Spinner size="sm" /> Every hash is being computed anew…
                </Flex>
              )}
              {error && <ErrorAlert error={error} onRetry={() => mutate()} />}
              {data && !isPending && <Verdict found={data} />}
            </Dialog.Body>
            <Dialog.Footer>
              <Button
                size="sm"
                variant="outline"
                colorPalette="gray"
                disabled={isPending}
                onClick={() => mutate()}
              >
                Verify again
              </Button>
            </Dialog.Footer>
            <Dialog.CloseTrigger asChild>
              <CloseButton size="sm" colorPalette="gray" />
            </Dialog.CloseTrigger>
          </Dialog.Content>
        </Dialog.Positioner>
      </Portal>
    </Dialog.Root>
  );
}

function Verdict({ found }: { readonly found: AuditVerification }) {
  return (
    <>
      <Flex
        gap="3"
        align="center"
        p="3"
        mb="3"
        rounded="md"
        bg={found.ok ? 'bg.success' : 'bg.error'}
        color={found.ok ? 'fg.success' : 'fg.error'}
        data-verdict={found.ok ? 'whole' : 'broken'}
      >
        {found.ok ? <ShieldCheck size={20} aria-hidden /> : <ShieldAlert size={20} aria-hidden />}
        <Text fontWeight="medium">
          {found.ok ? 'The chain is whole: nothing was changed, added or left out.' : 'The chain is broken.'}
        </Text>
      </Flex>
      <Details
        items={[
          { name: 'Events read', value: count(found.checked) },
          ...(found.broken
            ? [
                { name: 'First broken', value: `Number ${found.broken.seq} (${found.broken.problem})` },
                { name: 'What is wrong', value: found.broken.message },
              ]
            : []),
          { name: 'Last hash', value: <Mono copy="last hash">{found.head}</Mono> },
        ]}
      />
      <Text color="fg.muted" fontSize="xs" mt="2">
        Note the last hash somewhere else: it proves later that nothing was cut off at the end.
      </Text>
    </>
  );
}
