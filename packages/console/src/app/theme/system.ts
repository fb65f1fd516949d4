import { createSystem, defineConfig, mergeConfigs } from '@chakra-ui/react/styled-system';
import { defaultBaseConfig } from '@chakra-ui/react/preset-base';
import {
  animationStyles,
  breakpoints,
  keyframes,
  layerStyles,
  semanticTokens,
  textStyles,
  tokens,
} from '@chakra-ui/react/theme';
import { globalCss } from './global-css.ts';
import { paletteOf, scales } from './hues.ts';
import { palettes } from './palettes.ts';
import { recipes, slotRecipes } from './recipes.ts';

const sans =
  '"Inter Variable", Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const mono = 'ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';

const both = (light: string, dark: string) => ({ value: { _light: light, _dark: dark } });

/** Chakra's tokens with the recipes that the console uses, and what is Tenantry's own. */
const base = mergeConfigs(
  defaultBaseConfig,
  defineConfig({
    preflight: true,
    cssVarsPrefix: 'tn',
    cssVarsRoot: ':where(html, .chakra-theme)',
    globalCss,
    theme: {
      animationStyles,
      breakpoints,
      keyframes,
      layerStyles,
      semanticTokens,
      textStyles,
      tokens,
      recipes,
      slotRecipes,
    },
  }),
);

export const system = createSystem(
  mergeConfigs(
    base,
    defineConfig({
      theme: {
        tokens: {
          fonts: { body: { value: sans }, heading: { value: sans }, mono: { value: mono } },
          colors: { ...scales, gray: scales.slate },
        },
        semanticTokens: {
          colors: {
            bg: {
              DEFAULT: both('{colors.white}', '#0b0d10'),
              subtle: both('{colors.slate.50}', '#101318'),
              muted: both('{colors.slate.100}', '#171a20'),
              emphasized: both('{colors.slate.200}', '#242931'),
              panel: both('{colors.white}', '#101318'),
              error: both('{colors.red.50}', '{colors.red.950}'),
              warning: both('{colors.amber.50}', '{colors.amber.950}'),
              success: both('{colors.green.50}', '{colors.green.950}'),
              info: both('{colors.blue.50}', '{colors.blue.950}'),
            },
            fg: {
              DEFAULT: both('#16181d', '#eceef1'),
              muted: both('{colors.slate.600}', '#a3aab5'),
              // The faintest text there is still passes 4.5:1 on every background above.
              subtle: both('#626a77', '#8b93a0'),
              inverted: both('{colors.white}', '{colors.slate.950}'),
              error: both('{colors.red.600}', '{colors.red.300}'),
              warning: both('{colors.amber.700}', '{colors.amber.300}'),
              success: both('{colors.green.700}', '{colors.green.300}'),
              info: both('{colors.blue.700}', '{colors.blue.300}'),
            },
            border: {
              DEFAULT: both('{colors.slate.200}', '#232830'),
              muted: both('{colors.slate.100}', '#1a1e24'),
              subtle: both('{colors.slate.50}', '#14171c'),
              emphasized: both('{colors.slate.300}', '#343b46'),
              error: both('{colors.red.500}', '{colors.red.400}'),
            },
            brand: paletteOf('brand'),
            slate: paletteOf('slate'),
            gray: {
              ...paletteOf('slate'),
              solid: both('{colors.slate.900}', '{colors.slate.100}'),
              contrast: both('white', '{colors.slate.950}'),
              fg: both('{colors.slate.800}', '{colors.slate.200}'),
            },
            green: paletteOf('green'),
            amber: paletteOf('amber'),
            orange: paletteOf('amber'),
            red: paletteOf('red'),
            blue: paletteOf('blue'),
            violet: paletteOf('violet'),
            ...Object.fromEntries(Object.entries(palettes).map(([word, hue]) => [word, paletteOf(hue)])),
          },
          radii: {
            l1: { value: '{radii.sm}' },
            l2: { value: '{radii.md}' },
            l3: { value: '{radii.lg}' },
          },
        },
      },
    }),
  ),
);
