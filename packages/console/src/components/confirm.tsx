import {
  Box,
  Button,
  CloseButton,
  Dialog,
  Field,
  Flex,
  Input,
  Portal,
  Text,
  Textarea,
} from '@chakra-ui/react';
import { TriangleAlert } from 'lucide-react';
import { useId, useRef, useState, type ReactNode, type SyntheticEvent } from 'react';
import { onceKey } from '../lib/once-key.ts';
import { ErrorAlert } from './error-alert.tsx';

/** What a person said when they confirmed. */
export interface Confirmation {
  readonly reason?: string;
  /** What they typed, where they had to. */
  readonly typed?: string;
  /** Made when the dialog opened: pressing twice, or again after a broken connection, does it once. */
  readonly idempotencyKey: string;
}

interface ConfirmProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** What will happen, a sentence each. */
  readonly effects: readonly ReactNode[];
  /** What cannot be taken back. */
  readonly irreversible?: ReactNode;
  /** Has to be typed exactly, as the slug of the tenant. */
  readonly typeToConfirm?: string;
  /** Whether to ask why; it goes into the audit trail. */
  readonly reason?: 'optional' | 'required';
  readonly children?: ReactNode;
  /** The verb, as "Suspend tenant". */
  readonly action: string;
  readonly destructive?: boolean;
  /** The dialog stays open and shows the error when it rejects. */
  readonly onConfirm: (confirmation: Confirmation) => Promise<unknown>;
}

/** Asks before an act that others will notice: what happens, what cannot be undone, why. */
export function Confirm(props: ConfirmProps) {
  const { open, onClose, destructive = false } = props;
  const first = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(details) => !details.open && onClose()}
      role={destructive ? 'alertdialog' : 'dialog'}
      initialFocusEl={() => first.current}
      placement="center"
      lazyMount
      unmountOnExit
    >
      <Portal>
        <Dialog.Backdrop />
        <Dialog.Positioner px="4">
          <Dialog.Content maxW="480px" rounded="lg">
            <ConfirmForm {...props} first={first} />
            <Dialog.CloseTrigger asChild>
              <CloseButton size="sm" colorPalette="gray" />
            </Dialog.CloseTrigger>
          </Dialog.Content>
        </Dialog.Positioner>
      </Portal>
    </Dialog.Root>
  );
}

interface ConfirmFormProps extends ConfirmProps {
  readonly first: React.Ref<HTMLInputElement & HTMLTextAreaElement>;
}

function ConfirmForm({
  onClose,
  title,
  effects,
  irreversible,
  typeToConfirm,
  reason,
  children,
  action,
  destructive = false,
  onConfirm,
  first,
}: ConfirmFormProps) {
  const form = useId();
  const [idempotencyKey] = useState(() => onceKey());
  const [why, setWhy] = useState('');
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<unknown>();
  const [running, setRunning] = useState(false);
  const ready =
    (typeToConfirm === undefined || typed.trim() === typeToConfirm) &&
    (reason !== 'required' || why.trim() !== '');

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready || running) return;
    setRunning(true);
    setError(undefined);
    try {
      await onConfirm({
        idempotencyKey,
        ...(why.trim() === '' ? {} : { reason: why.trim() }),
        ...(typeToConfirm === undefined ? {} : { typed: typed.trim() }),
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
        <Dialog.Title fontSize="md" pe="8" overflowWrap="anywhere">
          {title}
        </Dialog.Title>
      </Dialog.Header>
      <Dialog.Body>
        <Flex as="form" id={form} direction="column" gap="4" onSubmit={(event) => void submit(event)}>
          <Box as="ul" listStyleType="disc" ps="5" color="fg.muted" css={{ '& > li + li': { mt: '1' } }}>
            {effects.map((effect, at) => (
              // Sentences that never change their order.
              // oxlint-disable-next-line react/no-array-index-key
              <li key={at}>{effect}</li>
            ))}
          </Box>
          {irreversible !== undefined && (
            <Flex gap="2" p="3" rounded="md" bg="bg.error" color="fg.error" align="flex-start">
              <Box mt="0.5" flexShrink={0} aria-hidden>
                <TriangleAlert size={16} />
              </Box>
              <Text>{irreversible}</Text>
            </Flex>
          )}
          {children}
          {reason !== undefined && (
            <Field.Root required={reason === 'required'}>
              <Field.Label>
                Reason{' '}
                <Text as="span" color="fg.muted" fontWeight="normal">
                  {reason === 'required' ? '(required)' : '(optional)'}
                </Text>
              </Field.Label>
              <Textarea
                ref={typeToConfirm === undefined ? first : undefined}
                value={why}
                onChange={(event) => setWhy(event.target.value)}
                maxLength={500}
                rows={2}
                autoresize
                dir="auto"
              />
              <Field.HelperText>Kept in the audit trail.</Field.HelperText>
            </Field.Root>
          )}
          {typeToConfirm !== undefined && (
            <Field.Root required>
              <Field.Label display="block">
                Type{' '}
                <Text as="span" fontFamily="mono" userSelect="all" overflowWrap="anywhere">
                  {typeToConfirm}
                </Text>{' '}
                to confirm
              </Field.Label>
              <Input
                ref={first}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                autoComplete="off"
                spellCheck={false}
                fontFamily="mono"
              />
            </Field.Root>
          )}
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
          colorPalette={destructive ? 'red' : 'brand'}
          disabled={!ready}
          loading={running}
          loadingText={action}
        >
          {action}
        </Button>
      </Dialog.Footer>
    </>
  );
}
