import { Box, Text, chakra } from '@chakra-ui/react';
import type { Parameter, Schema } from './openapi.ts';
import { rowsOf, typeOf, type SchemaRow } from './schema-rows.ts';

/** The fields of a body or an answer, each below the one that it belongs to. */
export function SchemaTable({ label, schema }: { readonly label: string; readonly schema: Schema }) {
  const rows = rowsOf(schema);
  if (rows.length === 0) return <Text color="fg.muted">{typeOf(schema)}</Text>;
  return <Fields label={label} rows={rows} />;
}

export function ParameterTable({
  label,
  parameters,
}: {
  readonly label: string;
  readonly parameters: readonly Parameter[];
}) {
  const rows = parameters.map(({ name, schema, required, description }) => ({
    path: name,
    depth: 0,
    name,
    type: typeOf(schema),
    required,
    description,
    values: (schema.enum ?? []).map(String),
  }));
  return <Fields label={label} rows={rows} />;
}

function Fields({ label, rows }: { readonly label: string; readonly rows: readonly SchemaRow[] }) {
  return (
    <Box
      borderWidth="1px"
      rounded="md"
      overflow="auto"
      maxH="420px"
      tabIndex={0}
      role="region"
      aria-label={label}
      focusVisibleRing="inside"
    >
      <chakra.table w="full" fontSize="xs" css={cells}>
        <thead>
          <tr>
            <chakra.th scope="col" textAlign="start">
              Field
            </chakra.th>
            <chakra.th scope="col" textAlign="start">
              Type
            </chakra.th>
            <chakra.th scope="col" textAlign="start" hideBelow="sm">
              Meaning
            </chakra.th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ path, depth, name, type, required, description, values }) => (
            <tr key={path}>
              <chakra.th
                scope="row"
                textAlign="start"
                fontWeight="normal"
                whiteSpace="nowrap"
                style={{ paddingInlineStart: `${12 + depth * 16}px` }}
              >
                <Text as="span" fontFamily="mono" fontWeight="medium">
                  {name}
                </Text>
                {required && (
                  <Text as="span" color="fg.muted">
                    {' '}
                    required
                  </Text>
                )}
              </chakra.th>
              <td>{type}</td>
              <chakra.td color="fg.muted" overflowWrap="anywhere" hideBelow="sm">
                {description}
                {values.length > 0 && (
                  <>
                    {description !== undefined && '. '}
                    <Text as="span" fontFamily="mono">
                      {values.join(' · ')}
                    </Text>
                  </>
                )}
              </chakra.td>
            </tr>
          ))}
        </tbody>
      </chakra.table>
    </Box>
  );
}

const cells = {
  borderCollapse: 'collapse',
  '& th, & td': {
    px: '3',
    py: '1.5',
    borderBottomWidth: '1px',
    borderColor: 'border.muted',
    verticalAlign: 'top',
  },
  '& thead th': { color: 'fg.muted', fontWeight: 'medium', bg: 'bg.subtle', position: 'sticky', top: '0' },
  '& tbody tr:last-of-type > *': { borderBottomWidth: '0' },
};
