import { endpoint } from './endpoint.ts';
import * as cell from '../schemas/cell.ts';

export const cellsEndpoints = {
  listCells: endpoint({
    method: 'GET',
    path: '/v1/cells',
    summary: 'List cells',
    tag: 'cells',
    permission: 'cells:read',
    status: 200,
    response: cell.CellList,
  }),
  addCell: endpoint({
    method: 'POST',
    path: '/v1/cells',
    summary: 'Add a PostgreSQL database as a cell',
    tag: 'cells',
    permission: 'cells:write',
    body: cell.AddCell,
    status: 201,
    response: cell.Cell,
  }),
  updateCell: endpoint({
    method: 'PATCH',
    path: '/v1/cells/{cell}',
    summary: 'Change the lanes of a cell, or how many slots it has',
    tag: 'cells',
    permission: 'cells:write',
    params: cell.CellRef,
    body: cell.UpdateCell,
    status: 200,
    response: cell.Cell,
  }),
  checkCell: endpoint({
    method: 'POST',
    path: '/v1/cells/{cell}/check',
    summary: 'Say which privileges a cell lacks, and the SQL that grants them',
    tag: 'cells',
    permission: 'cells:read',
    params: cell.CellRef,
    status: 200,
    response: cell.CellCheck,
  }),
} as const;
