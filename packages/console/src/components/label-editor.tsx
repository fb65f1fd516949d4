import { Box, Button, Field, Flex, IconButton, Input } from '@chakra-ui/react';
import { Plus, X } from 'lucide-react';
import { onceKey } from '../lib/once-key.ts';

/** A label as it is being typed. `id` tells rows apart while their keys are still the same. */
export interface LabelRow {
  readonly id: string;
  readonly key: string;
  readonly value: string;
}

const keyPattern = /^[a-z0-9](?:[a-z0-9._/-]{0,61}[a-z0-9])?$/;
const most = 32;

interface LabelEditorProps {
  readonly rows: readonly LabelRow[];
  readonly onChange: (rows: readonly LabelRow[]) => void;
  readonly disabled?: boolean;
}

/** Labels of a tenant: keys in lower case, each once. */
export function LabelEditor({ rows, onChange, disabled = false }: LabelEditorProps) {
  const change = (id: string, part: Partial<LabelRow>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  return (
    <Box>
      {rows.map((row, at) => {
        const problem = labelProblem(rows, row);
        return (
          <Flex key={row.id} gap="2" mb="2" align="flex-start">
            <Field.Root invalid={problem !== undefined} flex="1">
              <Input
                size="sm"
                aria-label={`Key of label ${at + 1}`}
                placeholder="region"
                value={row.key}
                disabled={disabled}
                maxLength={63}
                autoComplete="off"
                onChange={(event) => change(row.id, { key: event.target.value.toLowerCase() })}
              />
              {problem !== undefined && <Field.ErrorText>{problem}</Field.ErrorText>}
            </Field.Root>
            <Input
              size="sm"
              flex="1"
              aria-label={`Value of label ${at + 1}`}
              placeholder="eu"
              value={row.value}
              disabled={disabled}
              maxLength={100}
              dir="auto"
              autoComplete="off"
              onChange={(event) => change(row.id, { value: event.target.value })}
            />
            <IconButton
              size="sm"
              variant="ghost"
              colorPalette="gray"
              color="fg.muted"
              aria-label={`Remove label ${row.key || at + 1}`}
              disabled={disabled}
              onClick={() => onChange(rows.filter(({ id }) => id !== row.id))}
            >
              <X aria-hidden />
            </IconButton>
          </Flex>
        );
      })}
      {rows.length < most && !disabled && (
        <Button
          size="xs"
          variant="outline"
          colorPalette="gray"
          onClick={() => onChange([...rows, { id: onceKey(), key: '', value: '' }])}
        >
          <Plus aria-hidden /> Add label
        </Button>
      )}
    </Box>
  );
}

/** What is wrong with a label; undefined when nothing is. Rows that are quite empty are left out. */
export function labelProblem(rows: readonly LabelRow[], row: LabelRow): string | undefined {
  if (row.key === '' && row.value === '') return undefined;
  if (!keyPattern.test(row.key)) return 'Lower-case letters, digits and . _ / - between them';
  return rows.some((other) => other.id !== row.id && other.key === row.key) ? 'There twice' : undefined;
}

export function toLabelRows(labels: Readonly<Record<string, string>>): readonly LabelRow[] {
  return Object.entries(labels).map(([key, value]) => ({ id: key, key, value }));
}

export function fromLabelRows(rows: readonly LabelRow[]): Record<string, string> {
  return Object.fromEntries(rows.filter(({ key }) => key !== '').map(({ key, value }) => [key, value]));
}
