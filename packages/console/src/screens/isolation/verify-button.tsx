import { Button, Group, IconButton, Menu, Portal } from '@chakra-ui/react';
import { useQueryClient } from '@tanstack/react-query';
import type { IsolationPart } from '@tenantry/contract';
import { ChevronDown, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { notify } from '../../components/toaster.tsx';
import { api } from '../../lib/api.ts';
import { onceKey } from '../../lib/once-key.ts';
import { useCan } from '../../lib/session.ts';
import { reloadIsolation } from './reload.ts';

interface Choice {
  readonly id: string;
  readonly label: string;
  readonly parts: readonly IsolationPart[];
}

const usual: Choice = {
  id: 'usual',
  label: 'Audit, oracle and attacks',
  parts: ['audit', 'oracle', 'probes'],
};
const choices: readonly Choice[] = [
  usual,
  { id: 'catalogs', label: 'Catalogs only (audit and oracle)', parts: ['audit', 'oracle'] },
  { id: 'probes', label: 'Attacks only', parts: ['probes'] },
  { id: 'faults', label: 'Fault injection, on a throw-away copy', parts: ['faults'] },
];

/** Starts a run; which parts is a choice behind it. Not there for those who may not. */
export function VerifyButton({ onError }: { readonly onError: (error: unknown) => void }) {
  const can = useCan();
  const queries = useQueryClient();
  const [starting, setStarting] = useState(false);
  if (!can('isolation:write')) return null;

  const start = async ({ parts, label }: Choice) => {
    setStarting(true);
    onError(undefined);
    try {
      await api.call('startIsolationRun', { body: { parts: [...parts] }, idempotencyKey: onceKey() });
      await reloadIsolation(queries);
      notify({ title: 'Verification started', description: label });
    } catch (error) {
      onError(error);
    } finally {
      setStarting(false);
    }
  };

  return (
    <Group attached>
      <Button
        size="sm"
        colorPalette="brand"
        loading={starting}
        loadingText="Starting"
        onClick={() => void start(usual)}
      >
        <ShieldCheck aria-hidden /> Verify now
      </Button>
      <Menu.Root lazyMount unmountOnExit>
        <Menu.Trigger asChild>
          <IconButton size="sm" colorPalette="brand" aria-label="Choose what to verify" disabled={starting}>
            <ChevronDown aria-hidden />
          </IconButton>
        </Menu.Trigger>
        <Portal>
          <Menu.Positioner>
            <Menu.Content>
              {choices.map((choice) => (
                <Menu.Item key={choice.id} value={choice.id} onClick={() => void start(choice)}>
                  {choice.label}
                </Menu.Item>
              ))}
            </Menu.Content>
          </Menu.Positioner>
        </Portal>
      </Menu.Root>
    </Group>
  );
}
