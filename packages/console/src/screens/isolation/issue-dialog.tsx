import {
  Button,
  CloseButton,
  Dialog,
  Field,
  Flex,
  Input,
  NativeSelect,
  Portal,
  Text,
} from '@chakra-ui/react';
import { useQueryClient } from '@tanstack/react-query';
import { useId, useState, type SyntheticEvent } from 'react';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { notify } from '../../components/toaster.tsx';
import { api } from '../../lib/api.ts';

const dayMs = 86_400_000;
const periods = [
  { value: '', label: 'Since the last report' },
  { value: '30', label: 'The last 30 days' },
  { value: '90', label: 'The last 90 days' },
  { value: '365', label: 'The last 365 days' },
] as const;

interface IssueDialogProps {
  readonly open: boolean;
  readonly tenant: string | undefined;
  readonly onClose: () => void;
}

/** Issues a report, about all tenants or for one. */
export function IssueDialog({ open, tenant, onClose }: IssueDialogProps) {
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
            <IssueForm tenant={tenant} onClose={onClose} />
            <Dialog.CloseTrigger asChild>
              <CloseButton size="sm" colorPalette="gray" />
            </Dialog.CloseTrigger>
          </Dialog.Content>
        </Dialog.Positioner>
      </Portal>
    </Dialog.Root>
  );
}

function IssueForm({ tenant: given, onClose }: Omit<IssueDialogProps, 'open'>) {
  const form = useId();
  const queries = useQueryClient();
  const [tenant, setTenant] = useState(given ?? '');
  const [days, setDays] = useState('');
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<unknown>();

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (running) return;
    setRunning(true);
    setError(undefined);
    const now = Date.now();
    try {
      const { headline } = await api.call('issueEvidence', {
        body: {
          ...(tenant.trim() === '' ? {} : { tenant: tenant.trim() }),
          ...(days === '' ? {} : { from: new Date(now - Number(days) * dayMs).toISOString() }),
        },
      });
      await queries.invalidateQueries({ queryKey: ['listEvidence'] });
      notify({ title: 'Report issued', description: headline });
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
          Issue a report
        </Dialog.Title>
      </Dialog.Header>
      <Dialog.Body>
        <Flex as="form" id={form} direction="column" gap="4" onSubmit={(event) => void submit(event)}>
          <Text color="fg.muted">
            It is signed and joins the chain for good: a report is never changed and never deleted. A report
            for one tenant says no word about the others.
          </Text>
          <Field.Root>
            <Field.Label>Tenant</Field.Label>
            <Input
              size="sm"
              value={tenant}
              onChange={(event) => setTenant(event.target.value)}
              placeholder="all tenants"
              maxLength={300}
              autoComplete="off"
              spellCheck={false}
            />
            <Field.HelperText>Id or slug; empty for a report about the whole installation.</Field.HelperText>
          </Field.Root>
          <Field.Root>
            <Field.Label>Period</Field.Label>
            <NativeSelect.Root size="sm">
              <NativeSelect.Field value={days} onChange={(event) => setDays(event.target.value)}>
                {periods.map(({ value, label }) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </NativeSelect.Field>
              <NativeSelect.Indicator />
            </NativeSelect.Root>
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
          loading={running}
          loadingText="Issuing"
        >
          Issue report
        </Button>
      </Dialog.Footer>
    </>
  );
}
