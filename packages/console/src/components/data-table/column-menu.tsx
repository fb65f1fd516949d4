import { IconButton } from '@chakra-ui/react';
import { SlidersHorizontal } from 'lucide-react';
import { lazy } from 'react';
import { Deferred, type TriggerProps } from '../deferred.tsx';

const ColumnMenuOpen = lazy(() => import('./column-menu-open.tsx'));

export interface ColumnMenuProps {
  readonly columns: readonly { readonly id: string; readonly header: string; readonly fixed?: boolean }[];
  readonly hidden: readonly string[];
  readonly onChange: (hidden: readonly string[]) => void;
}

/** Which columns a table shows, and how dense its rows are. */
export function ColumnMenu(props: ColumnMenuProps) {
  return (
    <Deferred
      menu={ColumnMenuOpen}
      props={props}
      button={(onClick) => <ColumnButton aria-haspopup="menu" onClick={onClick} />}
    />
  );
}

/** What opens the menu of columns. */
export function ColumnButton(props: TriggerProps) {
  return (
    <IconButton
      {...props}
      size="sm"
      variant="outline"
      colorPalette="gray"
      bg="bg.panel"
      color="fg.muted"
      aria-label="Columns and density"
      title="Columns and density"
    >
      <SlidersHorizontal aria-hidden />
    </IconButton>
  );
}
