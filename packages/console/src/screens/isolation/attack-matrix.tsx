import { Box, Flex, Text, chakra } from '@chakra-ui/react';
import { ChevronRight } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { plural } from '../../lib/format.ts';
import { useNarrow } from '../../lib/use-media.ts';
import { AnswerTally, AttackAnswer } from './attack-answer.tsx';
import { AttackDetails } from './attack-details.tsx';
import type { Matrix, MatrixColumn, MatrixRow } from './matrix.ts';
import { familyWords, targetWords } from './words.ts';

interface AttackMatrixProps {
  readonly matrix: Matrix;
  readonly manyCells: boolean;
  /** Families whose attacks are shown; the others are counted. Undefined: all are, as what was searched for is. */
  readonly families: ReadonlySet<string> | undefined;
  readonly onFamily: (family: string) => void;
  /** The attack whose details are shown. */
  readonly open: string | undefined;
  readonly onOpen: (attack: string | undefined) => void;
}

/**
 * Attacks over targets, by family: hundreds of them, so that a family says what it came to and opens into its attacks, and an attack
 * into what was sent and what was answered.
 */
export function AttackMatrix(props: AttackMatrixProps) {
  return useNarrow() ? <AttackList {...props} /> : <AttackTable {...props} />;
}

function AttackTable({ matrix, manyCells, families, onFamily, open, onOpen }: AttackMatrixProps) {
  const own = matrix.columns.filter(({ kind }) => kind !== 'control');
  const controls = matrix.columns.filter(({ kind }) => kind === 'control');
  return (
    <Box
      position="relative"
      overflowX="auto"
      tabIndex={0}
      role="region"
      aria-label="Attack matrix"
      focusVisibleRing="inside"
    >
      <chakra.table w="full" fontSize="sm" css={cells}>
        <thead>
          <tr>
            <chakra.th rowSpan={2} scope="col" textAlign="start" verticalAlign="bottom" minW="220px">
              Attack
            </chakra.th>
            {own.length > 0 && (
              <chakra.th colSpan={own.length} scope="colgroup" textAlign="start" pb="0">
                Tenantry must refuse
              </chakra.th>
            )}
            {controls.length > 0 && (
              <chakra.th
                colSpan={controls.length}
                scope="colgroup"
                textAlign="start"
                pb="0"
                borderStartWidth="1px"
              >
                Positive controls must be hit
              </chakra.th>
            )}
          </tr>
          <tr>
            {[...own, ...controls].map((column) => (
              <chakra.th
                key={column.target}
                scope="col"
                textAlign="start"
                fontWeight="medium"
                {...edgeOf(column, controls)}
              >
                {targetWords[column.target] ?? column.target}
              </chakra.th>
            ))}
          </tr>
        </thead>
        {matrix.families.map(({ family, rows }) => (
          <tbody key={family}>
            <chakra.tr bg="bg.subtle" data-family={family}>
              <chakra.th scope="rowgroup" textAlign="start" fontWeight="normal">
                <FamilyToggle family={family} rows={rows} families={families} onFamily={onFamily} />
              </chakra.th>
              {[...own, ...controls].map((column) => (
                <chakra.td key={column.target} {...edgeOf(column, controls)}>
                  <AnswerTally rows={rows} target={column.target} />
                </chakra.td>
              ))}
            </chakra.tr>
            {(isOpen(family, families) ? rows : noRows).map((row) => (
              <Fragment key={row.attack}>
                <chakra.tr _hover={{ bg: 'bg.subtle' }} data-attack={row.attack}>
                  <chakra.th scope="row" textAlign="start" fontWeight="normal" maxW="420px">
                    <Toggle row={row} open={open === row.attack} onOpen={onOpen} />
                  </chakra.th>
                  {[...own, ...controls].map((column) => (
                    <chakra.td key={column.target} {...edgeOf(column, controls)}>
                      <AttackAnswer answers={row.cells.get(column.target) ?? []} />
                    </chakra.td>
                  ))}
                </chakra.tr>
                {open === row.attack && (
                  <tr>
                    <chakra.td colSpan={1 + matrix.columns.length} p="0!">
                      <AttackDetails row={row} manyCells={manyCells} />
                    </chakra.td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        ))}
      </chakra.table>
    </Box>
  );
}

function AttackList({ matrix, manyCells, families, onFamily, open, onOpen }: AttackMatrixProps) {
  return (
    <>
      {matrix.families.map(({ family, rows }) => (
        <Box key={family}>
          <Box px="4" py="2.5" bg="bg.subtle" borderBottomWidth="1px" data-family={family}>
            <FamilyToggle family={family} rows={rows} families={families} onFamily={onFamily} />
            <Targets columns={matrix.columns}>
              {({ target }) =>
                rows.some(({ cells: answers }) => answers.has(target)) && (
                  <AnswerTally rows={rows} target={target} />
                )
              }
            </Targets>
          </Box>
          {isOpen(family, families) && (
            <Box as="ul" listStyleType="none">
              {rows.map((row) => (
                <Box as="li" key={row.attack} borderBottomWidth="1px" data-attack={row.attack}>
                  <Box px="4" py="2.5">
                    <Toggle row={row} open={open === row.attack} onOpen={onOpen} />
                    <Targets columns={matrix.columns}>
                      {({ target }) =>
                        row.cells.has(target) && (
                          <AttackAnswer answers={row.cells.get(target) ?? []} compact />
                        )
                      }
                    </Targets>
                  </Box>
                  {open === row.attack && <AttackDetails row={row} manyCells={manyCells} />}
                </Box>
              ))}
            </Box>
          )}
        </Box>
      ))}
    </>
  );
}

/** On a narrow screen: what was answered on each target that was attacked. */
function Targets({
  columns,
  children,
}: {
  readonly columns: readonly MatrixColumn[];
  readonly children: (column: MatrixColumn) => ReactNode;
}) {
  return (
    <Flex as="dl" columnGap="4" rowGap="1" wrap="wrap" mt="1.5" ps="5" fontSize="xs">
      {columns.map((column) => {
        const answer = children(column);
        if (answer === false) return null;
        return (
          <Flex key={column.target} gap="1.5" align="flex-start">
            <chakra.dt color="fg.muted">
              {targetWords[column.target] ?? column.target}
              {column.kind === 'control' && ' (control)'}
            </chakra.dt>
            <dd>{answer}</dd>
          </Flex>
        );
      })}
    </Flex>
  );
}

const noRows: readonly MatrixRow[] = [];

function isOpen(family: string, families: ReadonlySet<string> | undefined): boolean {
  return families === undefined || families.has(family);
}

interface FamilyToggleProps {
  readonly family: string;
  readonly rows: readonly MatrixRow[];
  readonly families: ReadonlySet<string> | undefined;
  readonly onFamily: (family: string) => void;
}

function FamilyToggle({ family, rows, families, onFamily }: FamilyToggleProps) {
  const name = (
    <span>
      <Text as="span" fontWeight="semibold">
        {familyWords[family] ?? family}
      </Text>{' '}
      <Text as="span" color="fg.muted" fontSize="xs" whiteSpace="nowrap">
        {plural(rows.length, 'attack')}
      </Text>
    </span>
  );
  if (families === undefined) return name;
  return (
    <Disclosure open={families.has(family)} onToggle={() => onFamily(family)}>
      {name}
    </Disclosure>
  );
}

interface ToggleProps {
  readonly row: MatrixRow;
  readonly open: boolean;
  readonly onOpen: (attack: string | undefined) => void;
}

function Toggle({ row, open, onOpen }: ToggleProps) {
  return (
    <Disclosure open={open} onToggle={() => onOpen(open ? undefined : row.attack)}>
      <span>
        {sentence(row.title)}{' '}
        <Text as="span" color="fg.muted" fontSize="xs">
          {row.level}
        </Text>
      </span>
    </Disclosure>
  );
}

interface DisclosureProps {
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly children: ReactNode;
}

function Disclosure({ open, onToggle, children }: DisclosureProps) {
  return (
    <chakra.button
      type="button"
      aria-expanded={open}
      onClick={onToggle}
      display="flex"
      alignItems="flex-start"
      gap="1.5"
      textAlign="start"
      cursor="pointer"
      rounded="sm"
      focusVisibleRing="outside"
    >
      <Box
        mt="1"
        color="fg.subtle"
        transform={open ? 'rotate(90deg)' : undefined}
        transition="transform 0.15s"
        aria-hidden
      >
        <ChevronRight size={14} />
      </Box>
      {children}
    </chakra.button>
  );
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A line before the first of the positive controls. */
function edgeOf(
  column: MatrixColumn,
  controls: readonly MatrixColumn[],
): { readonly borderStartWidth?: string } {
  return column === controls[0] ? { borderStartWidth: '1px' } : {};
}

const cells = {
  borderCollapse: 'collapse',
  '& th, & td': { px: '2.5', py: '2', borderBottomWidth: '1px', verticalAlign: 'middle' },
  '& tbody th:first-of-type, & thead tr:first-of-type > th:first-of-type': { ps: '4' },
  '& thead th': { color: 'fg.muted', fontSize: 'xs', fontWeight: 'medium', whiteSpace: 'nowrap' },
  '& tbody:last-of-type tr:last-of-type > *': { borderBottomWidth: '0' },
};
