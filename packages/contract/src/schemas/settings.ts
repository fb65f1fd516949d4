import { Type, type Static } from 'typebox';
import { Nullable, OneOf } from './common.ts';

export const Setting = Type.Object({
  name: Type.String(),
  env: Type.String({ description: 'The environment variable that sets it' }),
  flag: Type.String({ description: 'The flag of `tenantry up` that sets it' }),
  meaning: Type.String(),
  value: Nullable(Type.String({ description: 'Null where it is not set, or is a secret' })),
  default: Type.String(),
  source: OneOf(['default', 'given']),
  secret: Type.Boolean({ description: 'Its value is shown to nobody' }),
});
export type Setting = Static<typeof Setting>;

export const Settings = Type.Object({
  version: Type.String({ description: 'Of the control plane' }),
  publicUrl: Type.String({ description: 'Where this request reached it' }),
  items: Type.Array(Setting),
});
export type Settings = Static<typeof Settings>;
