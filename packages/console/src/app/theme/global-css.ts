import { globalCss as chakraGlobalCss } from '@chakra-ui/react/theme';
import { defineGlobalStyles } from '@chakra-ui/react/styled-system';

/** Chakra's global styles and the console's: density as variables, one focus ring, no motion for those who want none. */
export const globalCss = defineGlobalStyles({
  ...chakraGlobalCss,
  '*': { ...chakraGlobalCss['*'], fontFeatureSettings: 'normal' },
  html: {
    color: 'fg',
    bg: 'bg',
    lineHeight: '1.5',
    fontSize: '16px',
    colorPalette: 'brand',
    textRendering: 'optimizeLegibility',
    '--row-height': '44px',
    '--cell-padding': '12px',
    '&[data-density=compact]': { '--row-height': '32px', '--cell-padding': '10px' },
  },
  body: { fontSize: 'sm', minHeight: '100dvh' },
  'table, time, [data-numeric]': { fontVariantNumeric: 'tabular-nums' },
  'a, button, [tabindex]': { WebkitTapHighlightColor: 'transparent' },
  '*, *::before, *::after': {
    _motionReduce: {
      animationDuration: '0.01ms !important',
      animationIterationCount: '1 !important',
      transitionDuration: '0.01ms !important',
      scrollBehavior: 'auto !important',
    },
  },
  '[data-density=compact] .comfortable-only': { display: 'none' },
  // Lucide's icons inside of buttons and badges of something that goes on.
  '.spin': { animation: 'spin 1.6s linear infinite' },
});
