import { Button, Field, Flex, Input, Text } from '@chakra-ui/react';
import { useQueryClient } from '@tanstack/react-query';
import type { Tenant, UpdateTenant } from '@tenantry/contract';
import { useState, type SyntheticEvent } from 'react';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { LabelEditor, fromLabelRows, labelProblem, toLabelRows } from '../../components/label-editor.tsx';
import { Panel } from '../../components/page.tsx';
import { TenantActionDialog } from '../../components/tenant-action-dialog.tsx';
import { notify } from '../../components/toaster.tsx';
import { api } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { actionsFor, type TenantAction } from '../../lib/tenants/actions.ts';
import { rememberTenant } from '../../lib/tenants/cache.ts';
import { Domains } from './domains.tsx';
import { useTenant } from './use-tenant.ts';

/** What can be changed about a tenant, and what ends it. */
export function SettingsTab() {
  const tenant = useTenant();
  const can = useCan();
  const dangers = actionsFor(tenant, can).filter(({ destructive }) => destructive);
  return (
    <Flex direction="column" gap="5" maxW="760px">
      {/* Somebody else's change begins the form anew: one must not overwrite the other unseen. */}
      <General key={tenant.version} tenant={tenant} />
      <Domains tenant={tenant} />
      {dangers.length > 0 && <DangerZone tenant={tenant} actions={dangers} />}
    </Flex>
  );
}

function General({ tenant }: { readonly tenant: Tenant }) {
  const can = useCan();
  const queries = useQueryClient();
  const [name, setName] = useState(tenant.name);
  const [slug, setSlug] = useState(tenant.slug ?? '');
  const [plan, setPlan] = useState(tenant.plan);
  const [labels, setLabels] = useState(() => toLabelRows(tenant.labels));
  const [error, setError] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const editable = can('tenants:write') && tenant.state !== 'deleted';
  const change = changeOf(tenant, {
    name: name.trim(),
    slug: slug.trim(),
    plan: plan.trim(),
    labels: fromLabelRows(labels),
  });
  const valid = name.trim() !== '' && labels.every((row) => labelProblem(labels, row) === undefined);

  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    setSaving(true);
    setError(undefined);
    try {
      const after = await api.call('updateTenant', {
        params: { tenant: tenant.id },
        body: change,
        ifMatch: tenant.version,
      });
      rememberTenant(queries, after);
      notify({ title: `${after.name} is saved` });
    } catch (failure) {
      setError(failure);
      setSaving(false);
    }
  };
  return (
    <Panel title="General">
      <Flex as="form" direction="column" gap="4" onSubmit={(event) => void save(event)}>
        <Field.Root required disabled={!editable}>
          <Field.Label>Name</Field.Label>
          <Input
            size="sm"
            dir="auto"
            value={name}
            maxLength={200}
            onChange={(event) => setName(event.target.value)}
          />
        </Field.Root>
        <Field.Root disabled={!editable || tenant.slug === null}>
          <Field.Label>Slug</Field.Label>
          <Input
            size="sm"
            value={slug}
            maxLength={63}
            fontFamily="mono"
            onChange={(event) => setSlug(event.target.value)}
          />
          <Field.HelperText>
            Addresses that hold the old slug stop working. The schema and the login keep their name,{' '}
            {tenant.schema}.
          </Field.HelperText>
        </Field.Root>
        <Field.Root disabled={!editable}>
          <Field.Label>Plan</Field.Label>
          <Input size="sm" value={plan} maxLength={40} onChange={(event) => setPlan(event.target.value)} />
        </Field.Root>
        <Flex as="fieldset" direction="column" gap="2">
          <Text as="legend" fontWeight="medium" mb="1.5">
            Labels
          </Text>
          <LabelEditor rows={labels} onChange={setLabels} disabled={!editable} />
        </Flex>
        {error !== undefined && <ErrorAlert error={error} title="Nothing was changed" />}
        {editable ? (
          <Flex justify="flex-end">
            <Button
              type="submit"
              size="sm"
              disabled={!valid || Object.keys(change).length === 0}
              loading={saving}
            >
              Save changes
            </Button>
          </Flex>
        ) : (
          <Text color="fg.muted">
            {tenant.state === 'deleted'
              ? 'A purged tenant is history: it cannot be changed.'
              : 'Your role may look, but not change: it does not include tenants:write.'}
          </Text>
        )}
      </Flex>
    </Panel>
  );
}

/** Only what is different: what was not touched must not overwrite anything. */
function changeOf(tenant: Tenant, form: Required<UpdateTenant>): UpdateTenant {
  return {
    ...(form.name === tenant.name ? {} : { name: form.name }),
    ...(form.slug === (tenant.slug ?? '') ? {} : { slug: form.slug }),
    ...(form.plan === tenant.plan ? {} : { plan: form.plan }),
    ...(sorted(form.labels) === sorted(tenant.labels) ? {} : { labels: form.labels }),
  };
}

function sorted(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => a.localeCompare(b)));
}

interface DangerZoneProps {
  readonly tenant: Tenant;
  readonly actions: readonly TenantAction[];
}

function DangerZone({ tenant, actions }: DangerZoneProps) {
  const [action, setAction] = useState<TenantAction>();
  return (
    <Panel title="Danger zone" borderColor="red.muted" flush>
      {actions.map((item) => (
        <Flex
          key={item.id}
          gap="4"
          px="4"
          py="3"
          align="center"
          justify="space-between"
          borderBottomWidth="1px"
          borderColor="border.muted"
          _last={{ borderBottomWidth: 0 }}
          wrap={{ base: 'wrap', sm: 'nowrap' }}
        >
          <Text color="fg.muted">{item.effects(tenant).slice(0, 2).join(' ')}</Text>
          <Button
            size="sm"
            variant="outline"
            colorPalette="red"
            flexShrink={0}
            onClick={() => setAction(item)}
          >
            {item.label}…
          </Button>
        </Flex>
      ))}
      <TenantActionDialog tenant={tenant} action={action} onClose={() => setAction(undefined)} />
    </Panel>
  );
}
