import { endpoint } from './endpoint.ts';
import * as reader from '../schemas/reader.ts';

export const readersEndpoints = {
  openReader: endpoint({
    method: 'POST',
    path: '/v1/readers',
    summary:
      'Open a reader: a login that reads the tables of some tenants for a while; its password is shown once',
    tag: 'readers',
    permission: 'readers:write',
    body: reader.OpenReader,
    status: 201,
    response: reader.OpenedReader,
  }),
  listReaders: endpoint({
    method: 'GET',
    path: '/v1/readers',
    summary: 'List readers, newest first: those of the last 100 that were opened, and all that are open',
    tag: 'readers',
    permission: 'readers:read',
    query: reader.ListReaders,
    status: 200,
    response: reader.ReaderList,
  }),
  getReader: endpoint({
    method: 'GET',
    path: '/v1/readers/{reader}',
    summary: 'Get a reader, with what it may see',
    tag: 'readers',
    permission: 'readers:read',
    params: reader.ReaderRef,
    status: 200,
    response: reader.Reader,
  }),
  closeReader: endpoint({
    method: 'DELETE',
    path: '/v1/readers/{reader}',
    summary:
      'Close a reader: its connections are ended and its login is dropped; repeating it changes nothing',
    tag: 'readers',
    permission: 'readers:write',
    params: reader.ReaderRef,
    status: 200,
    response: reader.Reader,
  }),
} as const;
