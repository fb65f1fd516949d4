import { Flex, RadioCard, Text } from '@chakra-ui/react';
import { Details } from '../../components/details.tsx';
import { Mono } from '../../components/code-block.tsx';
import { Panel } from '../../components/page.tsx';
import { ExactTime } from '../../components/relative-time.tsx';
import { colorModes, densities, useAppearance, type ColorMode, type Density } from '../../lib/preferences.ts';
import { useMe } from '../../lib/session.ts';

const modeTexts: Record<ColorMode, string> = {
  system: 'As the system has it',
  light: 'Always light',
  dark: 'Always dark',
};

const densityTexts: Record<Density, string> = {
  comfortable: 'Rows of 44 pixels',
  compact: 'Rows of 32 pixels',
};

/** How this browser shows the console, and who is signed in. */
export function AppearanceTab() {
  const { mode, density, set } = useAppearance();
  return (
    <Flex direction="column" gap="5" maxW="760px">
      <Panel title="Theme">
        <Cards
          label="Theme"
          value={mode}
          choices={colorModes.map((value) => ({ value, text: modeTexts[value] }))}
          onChange={(value) => set({ mode: value })}
        />
      </Panel>
      <Panel title="Density of tables">
        <Cards
          label="Density of tables"
          value={density}
          choices={densities.map((value) => ({ value, text: densityTexts[value] }))}
          onChange={(value) => set({ density: value })}
        />
      </Panel>
      <Account />
    </Flex>
  );
}

interface CardsProps<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly choices: readonly { readonly value: V; readonly text: string }[];
  readonly onChange: (value: V) => void;
}

function Cards<V extends string>({ label, value, choices, onChange }: CardsProps<V>) {
  return (
    <RadioCard.Root
      aria-label={label}
      value={value}
      onValueChange={(details) => onChange(details.value as V)}
      size="sm"
      colorPalette="brand"
    >
      <Flex gap="3" direction={{ base: 'column', sm: 'row' }}>
        {choices.map((choice) => (
          <RadioCard.Item key={choice.value} value={choice.value} flex="1">
            <RadioCard.ItemHiddenInput />
            <RadioCard.ItemControl>
              <RadioCard.ItemContent>
                <RadioCard.ItemText textTransform="capitalize">{choice.value}</RadioCard.ItemText>
                <RadioCard.ItemDescription>{choice.text}</RadioCard.ItemDescription>
              </RadioCard.ItemContent>
              <RadioCard.ItemIndicator />
            </RadioCard.ItemControl>
          </RadioCard.Item>
        ))}
      </Flex>
    </RadioCard.Root>
  );
}

function Account() {
  const { actor, role, permissions, tenantId, session } = useMe();
  return (
    <Panel title="Signed in">
      <Details
        items={[
          { name: 'Name', value: <bdi>{actor.name}</bdi> },
          { name: 'Id', value: <Mono copy="your id">{actor.id}</Mono> },
          { name: 'Role', value: role },
          ...(tenantId === null ? [] : [{ name: 'Bound to', value: <Mono>{tenantId}</Mono> }]),
          {
            name: 'May',
            value: (
              <Text fontFamily="mono" fontSize="xs" lineHeight="1.7">
                {permissions.join(', ')}
              </Text>
            ),
          },
          ...(session
            ? [
                { name: 'Since', value: <ExactTime at={session.createdAt} /> },
                { name: 'Ends', value: <ExactTime at={session.expiresAt} /> },
                { name: 'Unless used, ends', value: <ExactTime at={session.idleExpiresAt} /> },
              ]
            : []),
        ]}
      />
    </Panel>
  );
}
