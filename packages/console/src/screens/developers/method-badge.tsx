import { Badge } from '@chakra-ui/react';

const palettes: Readonly<Record<string, string>> = {
  GET: 'blue',
  POST: 'green',
  PUT: 'amber',
  PATCH: 'amber',
  DELETE: 'red',
};

export function MethodBadge({ method }: { readonly method: string }) {
  return (
    <Badge
      colorPalette={palettes[method] ?? 'slate'}
      variant="subtle"
      size="sm"
      fontFamily="mono"
      minW="14"
      justifyContent="center"
      flexShrink={0}
    >
      {method}
    </Badge>
  );
}
