import { Field, Input } from '@chakra-ui/react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useId, useState } from 'react';
import { read } from '../../lib/api.ts';
import { keep, recall } from '../../lib/preferences.ts';
import { useCan } from '../../lib/session.ts';
import { useDebounced } from '../../lib/use-debounced.ts';

const remembered = 'tenantry.developers.tenant';

interface TenantPickerProps {
  readonly value: string | undefined;
  readonly onChange: (slug: string | undefined) => void;
}

/** Which tenant the code is filled with: typed, or chosen from those that fit. */
export function TenantPicker({ value, onChange }: TenantPickerProps) {
  const can = useCan();
  const list = useId();
  const [text, setText] = useState(value ?? '');
  const [shown, setShown] = useState(value);
  // The address has changed from outside, as by "back".
  if (shown !== value) {
    setShown(value);
    setText(value ?? '');
  }
  const settled = useDebounced(text.trim(), 150);
  const { data } = useQuery({
    ...read('listTenants', {
      query: { q: settled === '' ? undefined : settled, state: 'active', limit: 20, sort: 'slug' },
    }),
    enabled: can('tenants:read'),
    placeholderData: keepPreviousData,
  });
  const choose = (slug: string) => {
    setText(slug);
    if (slug.trim() === '') onChange(undefined);
    else if (data?.items.some((tenant) => tenant.slug === slug.trim())) onChange(slug.trim());
  };
  return (
    <Field.Root w="auto" flex={{ base: '1 1 100%', sm: '0 1 260px' }}>
      <Field.Label fontSize="xs" color="fg.muted">
        Tenant
      </Field.Label>
      <Input
        size="sm"
        list={list}
        value={text}
        onChange={(event) => choose(event.target.value)}
        onBlur={() => (text.trim() === '' ? onChange(undefined) : onChange(text.trim()))}
        placeholder="acme"
        autoComplete="off"
        spellCheck={false}
        bg="bg.panel"
      />
      <datalist id={list}>
        {data?.items.map(({ id, slug, name }) => (
          <option key={id} value={slug ?? id}>
            {name}
          </option>
        ))}
      </datalist>
    </Field.Root>
  );
}

/**
 * The tenant that code is filled with: that of the address, else the one chosen last in this browser, else the first there is. Its
 * own data where it is known.
 */
export function useChosenTenant(asked: string | undefined) {
  const can = useCan();
  const last = recall(remembered);
  const slug = asked ?? (typeof last === 'string' ? last : undefined);
  const known = useQuery({
    ...read('getTenant', { params: { tenant: slug ?? '' } }),
    enabled: slug !== undefined && can('tenants:read'),
    retry: false,
  });
  const some = useQuery({
    ...read('listTenants', { query: { state: 'active', limit: 2, sort: 'slug' } }),
    enabled: can('tenants:read'),
  });
  const tenant = known.data ?? (asked === undefined ? some.data?.items[0] : undefined);
  useEffect(() => {
    if (tenant !== undefined && tenant.slug !== null) keep(remembered, tenant.slug);
  }, [tenant]);
  return {
    slug: tenant?.slug ?? asked ?? 'acme',
    tenant,
    /** Somebody else's, to show what is refused. */
    neighbour: some.data?.items.find(({ id }) => id !== tenant?.id),
    missing: asked !== undefined && known.error !== null,
    /** One of the two is not known yet: code would be filled with names of nobody. */
    isLoading: known.isLoading || some.isLoading,
  };
}
