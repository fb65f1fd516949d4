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
import { rolePermissions, roles, type Role } from '@tenantry/contract';
import { useState, type SyntheticEvent } from 'react';
import { CodeBlock } from '../../components/code-block.tsx';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { api } from '../../lib/api.ts';

const lifetimes = [
  { label: '30 days', days: 30 },
  { label: '90 days', days: 90 },
  { label: '1 year', days: 365 },
  { label: 'Never', days: undefined },
] as const;

/** Makes a key, and shows its token this once. */
export function CreateKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('developer');
  const [tenant, setTenant] = useState('');
  const [days, setDays] = useState<number | undefined>(90);
  const [token, setToken] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [running, setRunning] = useState(false);
  const bound = role === 'tenant';
  const create = async (event: SyntheticEvent) => {
    event.preventDefault();
    setRunning(true);
    setError(undefined);
    try {
      const created = await api.call('createKey', {
        body: {
          name: name.trim(),
          role,
          ...(bound ? { tenant: tenant.trim() } : {}),
          ...(days === undefined
            ? {}
            : { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() }),
        },
      });
      setToken(created.token);
      void queries.invalidateQueries({ queryKey: ['listKeys'] });
    } catch (failure) {
      setError(failure);
    } finally {
      setRunning(false);
    }
  };
  return (
    <Dialog.Root open onOpenChange={({ open }) => !open && onClose()} placement="center">
      <Portal>
        <Dialog.Backdrop />
        <Dialog.Positioner px="4">
          <Dialog.Content maxW="480px">
            <Dialog.Header>
              <Dialog.Title fontSize="md">
                {token === undefined ? 'Create an API key' : 'The key is made'}
              </Dialog.Title>
            </Dialog.Header>
            {token === undefined ? (
              <form onSubmit={(event) => void create(event)}>
                <Dialog.Body>
                  <Flex direction="column" gap="4">
                    <Field.Root required>
                      <Field.Label>Name</Field.Label>
                      <Input
                        size="sm"
                        dir="auto"
                        maxLength={100}
                        value={name}
                        onChange={(event) => setName(event.target.value)}
                      />
                      <Field.HelperText>Who or what uses it, as “billing service”.</Field.HelperText>
                    </Field.Root>
                    <Field.Root>
                      <Field.Label>Role</Field.Label>
                      <NativeSelect.Root size="sm">
                        <NativeSelect.Field
                          value={role}
                          onChange={(event) => setRole(event.target.value as Role)}
                          rounded="md"
                        >
                          {roles.map((item) => (
                            <option key={item} value={item}>
                              {item}
                            </option>
                          ))}
                        </NativeSelect.Field>
                        <NativeSelect.Indicator />
                      </NativeSelect.Root>
                      <Field.HelperText>{rolePermissions[role].join(', ')}</Field.HelperText>
                    </Field.Root>
                    {bound && (
                      <Field.Root required>
                        <Field.Label>Tenant</Field.Label>
                        <Input
                          size="sm"
                          placeholder="Slug or id"
                          value={tenant}
                          maxLength={300}
                          onChange={(event) => setTenant(event.target.value)}
                        />
                        <Field.HelperText>It sees this one, and no other.</Field.HelperText>
                      </Field.Root>
                    )}
                    <Field.Root>
                      <Field.Label>Expires after</Field.Label>
                      <NativeSelect.Root size="sm">
                        <NativeSelect.Field
                          rounded="md"
                          value={String(days)}
                          onChange={(event) =>
                            setDays(lifetimes.find((item) => String(item.days) === event.target.value)?.days)
                          }
                        >
                          {lifetimes.map((item) => (
                            <option key={item.label} value={String(item.days)}>
                              {item.label}
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
                  <Button type="button" size="sm" variant="outline" colorPalette="gray" onClick={onClose}>
                    Cancel
                  </Button>
                  <Button
                    type="submit"
                    size="sm"
                    loading={running}
                    disabled={name.trim() === '' || (bound && tenant.trim() === '')}
                  >
                    Create key
                  </Button>
                </Dialog.Footer>
              </form>
            ) : (
              <>
                <Dialog.Body>
                  <Text mb="3">Copy it now: it is shown this once, and only its hash is stored.</Text>
                  <CodeBlock label="Token" code={token} wrap />
                </Dialog.Body>
                <Dialog.Footer>
                  <Button size="sm" onClick={onClose}>
                    Done
                  </Button>
                </Dialog.Footer>
              </>
            )}
            <Dialog.CloseTrigger asChild>
              <CloseButton size="sm" colorPalette="gray" />
            </Dialog.CloseTrigger>
          </Dialog.Content>
        </Dialog.Positioner>
      </Portal>
    </Dialog.Root>
  );
}
