import { Box, Flex, Grid, Text } from '@chakra-ui/react';
import type { RunAttack } from '@tenantry/contract';
import { CodeBlock } from '../../components/code-block.tsx';
import { duration } from '../../lib/time.ts';
import { AttackAnswer } from './attack-answer.tsx';
import type { MatrixRow } from './matrix.ts';
import { levelWords, targetWords } from './words.ts';

/** Everything about one attack: what was sent, what has to be answered, what was. */
export function AttackDetails({ row, manyCells }: { readonly row: MatrixRow; readonly manyCells: boolean }) {
  const answers = [...row.cells.values()].flat();
  const groups = sameStatements(answers);
  return (
    <Box py="3" px={{ base: '3', md: '4' }} bg="bg.subtle">
      <Flex columnGap="5" rowGap="1" wrap="wrap" fontSize="xs" color="fg.muted" mb="3">
        <span>
          Attacker{' '}
          <Text as="span" color="fg">
            {levelWords[row.level] ?? row.level}
          </Text>
        </span>
        <span>
          Id{' '}
          <Text as="span" fontFamily="mono" color="fg">
            {row.attack}
          </Text>
        </span>
      </Flex>
      <Grid templateColumns={{ base: '1fr', lg: 'repeat(2, minmax(0, 1fr))' }} gap="4">
        {groups.map(({ steps, of }) => (
          <Box
            key={of.map(({ cell, target }) => `${cell} ${target}`).join()}
            minW="0"
            {...(groups.length === 1 ? beside : {})}
          >
            <Box as="ul" listStyleType="none" mb="2" aria-label="Answers">
              {of.map((answer) => (
                <Answer key={`${answer.cell} ${answer.target}`} answer={answer} manyCells={manyCells} />
              ))}
            </Box>
            {steps.length > 0 && (
              <CodeBlock
                code={steps.join(';\n')}
                language={row.level === 'http' ? undefined : 'sql'}
                label={
                  groups.length === 1
                    ? 'Sent to all of them'
                    : `Sent over ${of.map(({ target }) => targetWords[target] ?? target).join(', ')}`
                }
                maxHeight="240px"
                wrap
              />
            )}
          </Box>
        ))}
      </Grid>
    </Box>
  );
}

/** Where all were sent the same, answers and statement share the width. */
const beside = {
  display: 'grid',
  gridColumn: '1 / -1',
  gridTemplateColumns: { base: 'minmax(0, 1fr)', lg: 'repeat(2, minmax(0, 1fr))' },
  gap: '4',
  alignItems: 'start',
} as const;

function Answer({ answer, manyCells }: { readonly answer: RunAttack; readonly manyCells: boolean }) {
  const { target, cell, kind, expected, actual, message, ms } = answer;
  return (
    <Box as="li" py="1">
      <Grid
        templateColumns={{ base: '1fr auto', sm: '128px 104px minmax(0, 1fr) auto' }}
        columnGap="3"
        alignItems="center"
        fontSize="xs"
      >
        <Text fontWeight="semibold">
          {targetWords[target] ?? target}
          {manyCells && ` on ${cell}`}
        </Text>
        <AttackAnswer answers={[answer]} compact />
        <Text color="fg.muted">
          {kind !== 'control' && (
            <>
              expected <Codes codes={expected} />,{' '}
            </>
          )}
          {kind === 'control' ? 'answered' : 'actual'} <Codes codes={actual === null ? [] : [actual]} />
        </Text>
        <Text color="fg.muted" data-numeric textAlign="end">
          {duration(ms)}
        </Text>
      </Grid>
      {message !== null && (
        <Text fontSize="xs" color="fg.muted" overflowWrap="anywhere">
          {message}
        </Text>
      )}
    </Box>
  );
}

function Codes({ codes }: { readonly codes: readonly string[] }) {
  return (
    <Text as="span" fontFamily="mono" color="fg">
      {codes.length === 0 ? 'none' : codes.join(' or ')}
    </Text>
  );
}

/** Targets that were sent the same statements are shown together. */
function sameStatements(answers: readonly RunAttack[]) {
  const groups = new Map<string, { readonly steps: readonly string[]; readonly of: RunAttack[] }>();
  for (const answer of answers) {
    const key = answer.steps.join('\0');
    const group = groups.get(key) ?? { steps: answer.steps, of: [] };
    group.of.push(answer);
    groups.set(key, group);
  }
  return [...groups.values()];
}
