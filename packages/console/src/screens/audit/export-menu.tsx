import { Button, Menu, Portal } from '@chakra-ui/react';
import type { ExportAudit } from '@tenantry/contract';
import { Download } from 'lucide-react';
import { baseUrl } from '../../lib/base.ts';

/** Downloads what the filters leave, oldest first; the server streams it, and notes who asked. */
export function ExportMenu({ filters }: { readonly filters: Omit<ExportAudit, 'format'> }) {
  const address = (format: NonNullable<ExportAudit['format']>) => {
    const params = new URLSearchParams({ format });
    for (const [name, value] of Object.entries(filters)) params.set(name, value);
    return `${baseUrl}/v1/audit/export?${params.toString()}`;
  };
  return (
    <Menu.Root lazyMount unmountOnExit>
      <Menu.Trigger asChild>
        <Button size="sm" variant="outline" colorPalette="gray" bg="bg.panel">
          <Download aria-hidden /> Export
        </Button>
      </Menu.Trigger>
      <Portal>
        <Menu.Positioner>
          <Menu.Content>
            <Menu.Item value="csv" asChild>
              <a href={address('csv')} download>
                CSV
              </a>
            </Menu.Item>
            <Menu.Item value="jsonl" asChild>
              <a href={address('jsonl')} download>
                JSON Lines
              </a>
            </Menu.Item>
          </Menu.Content>
        </Menu.Positioner>
      </Portal>
    </Menu.Root>
  );
}
