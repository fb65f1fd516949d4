import { Box, Button, Code, Field, Flex, NativeSelect, Skeleton, Text } from '@chakra-ui/react';
import { useQuery } from '@tanstack/react-query';
import type { LintFinding } from '@tenantry/contract';
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { ErrorAlert } from '../../components/error-alert.tsx';
import { Panel } from '../../components/page.tsx';
import { Mono } from '../../components/code-block.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { read } from '../../lib/api.ts';
import { plural } from '../../lib/format.ts';
import { useCan } from '../../lib/session.ts';
import type { Draft } from './draft.ts';
import { WizardButtons } from './wizard-buttons.tsx';

interface TemplateStepProps {
  readonly draft: Draft;
  readonly onChange: (part: Partial<Draft>) => void;
  readonly onBack: () => void;
  readonly onNext: () => void;
}

/** What the tenant is made of, and where. */
export function TemplateStep({ draft, onChange, onBack, onNext }: TemplateStepProps) {
  return (
    <Flex direction="column" gap="5">
      <Placement draft={draft} onChange={onChange} />
      <Migrations />
      <WizardButtons onBack={onBack}>
        <Button size="sm" onClick={onNext}>
          Continue
        </Button>
      </WizardButtons>
    </Flex>
  );
}

function Placement({ draft, onChange }: Pick<TemplateStepProps, 'draft' | 'onChange'>) {
  const can = useCan();
  const { data, error, refetch } = useQuery({ ...read('listCells', {}), enabled: can('cells:read') });
  const cells = data?.items ?? [];
  return (
    <Panel title="Where does it live?">
      {error && (
        <ErrorAlert error={error} title="The cells could not be read" onRetry={() => void refetch()} />
      )}
      <Field.Root>
        <Field.Label>Cell</Field.Label>
        <NativeSelect.Root size="sm" maxW="420px">
          <NativeSelect.Field
            value={draft.cell}
            onChange={(event) => onChange({ cell: event.target.value })}
            rounded="md"
          >
            <option value="">Default cell</option>
            {cells.map(({ name, isDefault, tenants, spares }) => (
              <option key={name} value={name}>
                {name}
                {isDefault ? ' (default)' : ''}: {plural(tenants, 'tenant')}, {plural(spares, 'spare')}
              </option>
            ))}
          </NativeSelect.Field>
          <NativeSelect.Indicator />
        </NativeSelect.Root>
        <Field.HelperText>
          A PostgreSQL database. One with ready spares gives the tenant a schema that is already there.
        </Field.HelperText>
      </Field.Root>
    </Panel>
  );
}

function Migrations() {
  const migrations = useQuery(read('listMigrations', {}));
  const lint = useQuery(read('lintMigrations', {}));
  const { data, error } = migrations;
  return (
    <Panel
      title="What is it made of?"
      flush
      {...(data
        ? {
            description: `${plural(data.migrations.length, 'migration')}, up to version ${data.schemaVersion ?? 'none'}`,
          }
        : {})}
      actions={lint.data && <LintVerdict findings={lint.data.findings} />}
    >
      {error && (
        <Box p="4">
          <ErrorAlert
            error={error}
            title="The migrations cannot be used"
            onRetry={() => void migrations.refetch()}
          />
        </Box>
      )}
      {!data && !error && <Skeleton h="160px" />}
      {lint.data && lint.data.findings.length > 0 && <Findings findings={lint.data.findings} />}
      {data && (
        <SimpleTable
          label="Migrations in the order they run"
          maxHeight="280px"
          rows={data.migrations}
          rowId={({ script }) => script}
          columns={[
            { header: 'Version', cell: ({ version, kind }) => <Mono>{version ?? kind}</Mono> },
            { header: 'Description', cell: ({ description }) => description },
            { header: 'File', cell: ({ script }) => <Mono>{script}</Mono> },
          ]}
        />
      )}
    </Panel>
  );
}

function LintVerdict({ findings }: { readonly findings: readonly LintFinding[] }) {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  if (findings.length === 0) {
    return (
      <Flex color="fg.success" align="center" gap="1.5" fontSize="sm">
        <CircleCheck size={14} aria-hidden /> Checked
      </Flex>
    );
  }
  return (
    <Flex color={errors > 0 ? 'fg.error' : 'fg.warning'} align="center" gap="1.5" fontSize="sm">
      {errors > 0 ? <CircleX size={14} aria-hidden /> : <TriangleAlert size={14} aria-hidden />}
      {errors > 0 ? plural(errors, 'error') : plural(warnings, 'warning')}
    </Flex>
  );
}

/** What PostgreSQL's grammar says about the files, with what to write instead. */
export function Findings({ findings }: { readonly findings: readonly LintFinding[] }) {
  return (
    <Box as="ul" listStyleType="none" borderBottomWidth="1px">
      {findings.map(({ rule, script, line, message, instead, severity }) => (
        <Flex
          as="li"
          key={`${rule} ${script} ${line}`}
          gap="2.5"
          px="4"
          py="2.5"
          bg={severity === 'error' ? 'bg.error' : 'bg.warning'}
        >
          <Box
            color={severity === 'error' ? 'fg.error' : 'fg.warning'}
            mt="0.5"
            aria-label={severity}
            role="img"
          >
            {severity === 'error' ? <CircleX size={14} /> : <TriangleAlert size={14} />}
          </Box>
          <Box minW="0">
            <Text overflowWrap="anywhere">
              <Code size="sm" bg="bg.panel">
                {script}:{line}
              </Code>{' '}
              {message}
            </Text>
            <Text color="fg.muted" fontSize="xs">
              {instead}
            </Text>
          </Box>
        </Flex>
      ))}
    </Box>
  );
}
