import { Badge, type BadgeProps } from '@chakra-ui/react';
import {
  Archive,
  Ban,
  Check,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CirclePause,
  CircleX,
  Clock,
  Info,
  Loader,
  ShieldAlert,
  ShieldCheck,
  SkipForward,
  Trash2,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react';
import { hasPalette, type PaletteName } from '../app/theme/palettes.ts';

const icons: Record<PaletteName, LucideIcon> = {
  provisioning: Loader,
  active: CircleCheck,
  suspended: CirclePause,
  archived: Archive,
  deleting: Trash2,
  deleted: Trash2,
  pending: CircleDashed,
  queued: Clock,
  running: Loader,
  cancelling: Loader,
  succeeded: CircleCheck,
  failed: CircleX,
  cancelled: Ban,
  skipped: SkipForward,
  success: Check,
  failure: CircleX,
  denied: Ban,
  opening: Loader,
  open: CircleDot,
  closing: Loader,
  closed: Ban,
  verified: ShieldCheck,
  failing: ShieldAlert,
  stale: Clock,
  unverified: CircleDashed,
  passed: CircleCheck,
  resolved: CircleCheck,
  accepted: CircleDot,
  critical: TriangleAlert,
  high: TriangleAlert,
  medium: CircleAlert,
  low: Info,
  info: Info,
  expired: Clock,
  revoked: Ban,
};

const busy: ReadonlySet<string> = new Set<PaletteName>([
  'provisioning',
  'running',
  'cancelling',
  'opening',
  'closing',
]);

interface StateBadgeProps extends Omit<BadgeProps, 'children'> {
  /** The state as the API says it. */
  readonly state: string;
  /** What to say instead of the state itself. */
  readonly label?: string;
}

/** A state as icon and word in its palette: never colour alone. */
export function StateBadge({ state, label, ...props }: StateBadgeProps) {
  const known = hasPalette(state);
  return (
    <Badge
      colorPalette={known ? state : 'slate'}
      variant="subtle"
      size="sm"
      gap="1"
      rounded="full"
      px="2"
      py="0.5"
      fontWeight="medium"
      whiteSpace="nowrap"
      {...props}
    >
      <StateIcon state={state} />
      {label ?? state}
    </Badge>
  );
}

/** The icon of a state alone, where the word stands beside it. */
export function StateIcon({ state, size = 12 }: { readonly state: string; readonly size?: number }) {
  const Icon = hasPalette(state) ? icons[state] : Info;
  return <Icon size={size} strokeWidth={2.25} aria-hidden className={busy.has(state) ? 'spin' : undefined} />;
}
