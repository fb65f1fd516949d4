import { Button, CloseButton, Dialog, Field, Flex, Input, Portal, Text, Textarea } from '@chakra-ui/react';
import { useQueryClient } from '@tanstack/react-query';
import type { Finding } from '@tenantry/contract';
import { useId, useState, type SyntheticEvent } from 'react';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { notify } from '../../components/toaster.tsx';
import { api } from '../../lib/api.ts';
import { toLocalInput } from '../../lib/time.ts';
import { reloadIsolation } from './reload.ts';

const dayMs = 86_400_000;
const periods = [
  { label: '7 days', days: 7 },
  { label: '30 days', days: 30 },
  { label: '90 days', days: 90 },
] as const;

interface AcceptDialogProps {
  readonly finding: Finding | undefined;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Lives with a finding until a day: with a reason, and the name of whoever decides it. */
export function AcceptDialog({ finding, open, onClose }: AcceptDialogProps) {
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(details) => !details.open && onClose()}
      placement="center"
      lazyMount
      unmountOnExit
    >
      <Portal>
        <Dialog.Backdrop />
        <Dialog.Positioner px="4">
          <Dialog.Content maxW="480px" rounded="lg">
            {finding !== undefined && <AcceptForm finding={finding} onClose={onClose} />}
            <Dialog.CloseTrigger asChild>
              <CloseButton size="sm" colorPalette="gray" />
            </Dialog.CloseTrigger>
          </Dialog.Content>
        </Dialog.Positioner>
      </Portal>
    </Dialog.Root>
  );
}

function AcceptForm({ finding, onClose }: { readonly finding: Finding; readonly onClose: () => void }) {
  const form = useId();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState(() => inDays(30));
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<unknown>();
  const ready = reason.trim() !== '' && until !== '';

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready || running) return;
    setRunning(true);
    setError(undefined);
    try {
      const body = { reason: reason.trim(), until: new Date(until).toISOString() };
      await api.call('acceptFinding', { params: { finding: finding.id }, body });
      await reloadIsolation(queries);
      notify({
        title: 'Accepted',
        description: 'It stays on the list, and opens again when the time is over.',
      });
      onClose();
    } catch (failure) {
      setError(failure);
      setRunning(false);
    }
  };

  return (
    <>
      <Dialog.Header pb="2">
        <Dialog.Title fontSize="md" pe="8">
          Accept this finding
        </Dialog.Title>
      </Dialog.Header>
      <Dialog.Body>
        <Flex as="form" id={form} direction="column" gap="4" onSubmit={(event) => void submit(event)}>
          <Text color="fg.muted">
            The verdict no longer counts it until the day below. You are recorded as its approver, and the
            report names it as an exception. Nothing in the database changes.
          </Text>
          <Text fontFamily="mono" fontSize="xs" p="2" bg="bg.muted" rounded="md" overflowWrap="anywhere">
            {finding.subject}
          </Text>
          <Field.Root required>
            <Field.Label>Reason</Field.Label>
            <Textarea
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              maxLength={1000}
              rows={3}
              autoresize
              dir="auto"
            />
            <Field.HelperText>Kept in the audit trail and in every report.</Field.HelperText>
          </Field.Root>
          <Field.Root required>
            <Field.Label>Until</Field.Label>
            <Input
              type="datetime-local"
              size="sm"
              value={until}
              min={inDays(0)}
              max={inDays(365)}
              onChange={(event) => setUntil(event.target.value)}
            />
            <Flex gap="2" mt="1">
              {periods.map(({ label, days }) => (
                <Button
                  key={days}
                  type="button"
                  size="2xs"
                  variant="outline"
                  colorPalette="gray"
                  onClick={() => setUntil(inDays(days))}
                >
                  {label}
                </Button>
              ))}
            </Flex>
          </Field.Root>
          {error !== undefined && <ErrorAlert error={error} />}
        </Flex>
      </Dialog.Body>
      <Dialog.Footer>
        <Dialog.ActionTrigger asChild>
          <Button variant="outline" size="sm" colorPalette="gray">
            Cancel
          </Button>
        </Dialog.ActionTrigger>
        <Button
          type="submit"
          form={form}
          size="sm"
          colorPalette="brand"
          disabled={!ready}
          loading={running}
          loadingText="Accept"
        >
          Accept finding
        </Button>
      </Dialog.Footer>
    </>
  );
}

function inDays(days: number): string {
  return toLocalInput(new Date(Date.now() + days * dayMs).toISOString());
}
