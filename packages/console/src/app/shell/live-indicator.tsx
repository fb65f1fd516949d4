import { Box, Flex, IconButton, Text } from '@chakra-ui/react';
import { Pause, Play } from 'lucide-react';
import type { LiveStatus } from '../../lib/live/events.ts';
import { useLiveStatus } from '../../lib/live/live.tsx';
import { useCommand } from '../../lib/shortcuts/use-command.ts';

const words: Record<LiveStatus, string> = {
  connecting: 'Connecting…',
  live: 'Live',
  reconnecting: 'Reconnecting…',
  paused: 'Paused',
  off: 'Not live',
};

const palettes: Record<LiveStatus, string> = {
  connecting: 'slate',
  live: 'green',
  reconnecting: 'amber',
  paused: 'slate',
  off: 'slate',
};

/** How fresh what is shown is, and the switch that holds it still. */
export function LiveIndicator() {
  const { status, paused, setPaused } = useLiveStatus();
  const label = paused ? 'Resume live updates' : 'Pause live updates';
  useCommand({ id: 'live', label, group: 'General', run: () => setPaused(!paused) });
  return (
    <Flex align="center" justify="space-between" h="8" ps="2.5" pe="1" data-live={status}>
      <Flex align="center" gap="2.5" colorPalette={palettes[status]}>
        <Box position="relative" boxSize="2" ms="1" me="1" aria-hidden>
          <Box boxSize="2" rounded="full" bg="colorPalette.focusRing" />
        </Box>
        <Text color="fg.muted" fontSize="sm" role="status">
          {words[status]}
        </Text>
      </Flex>
      <IconButton
        size="2xs"
        variant="ghost"
        colorPalette="gray"
        color="fg.muted"
        aria-label={label}
        title={label}
        onClick={() => setPaused(!paused)}
      >
        {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
      </IconButton>
    </Flex>
  );
}
