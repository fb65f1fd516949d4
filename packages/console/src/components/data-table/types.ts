import type { LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** A column of a DataTable. */
export interface DataColumn<T> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: T) => ReactNode;
  /** What the API sorts by; without it the column cannot be sorted by. */
  readonly sortKey?: string;
  readonly align?: 'start' | 'end';
  /** In pixels, as `124px`; columns without one share what is left. Text that is longer is cut. */
  readonly width?: string;
  /** Cannot be hidden. */
  readonly fixed?: boolean;
  /** Hidden until a person asks for it. */
  readonly optional?: boolean;
  /** The header is for screen readers only. */
  readonly quietHeader?: boolean;
  /** Where it stands on a narrow screen, where rows are cards; `hidden` leaves it out. */
  readonly card?: 'title' | 'badge' | 'line' | 'hidden';
}

/** What a list of the API answers with. */
export interface DataPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly total?: number;
  readonly totalIsExact?: boolean;
}

/** The part of a query that a table shows. */
export interface DataQuery<T> {
  readonly data: DataPage<T> | undefined;
  readonly error: Error | null;
  readonly isFetching: boolean;
  readonly isPlaceholderData: boolean;
  readonly refetch: () => unknown;
}

/** Where in a list one is; stands in the address. */
export interface ListPosition {
  readonly cursor?: string | undefined;
  readonly page?: number | undefined;
  readonly limit?: number | undefined;
}

/** Where a row leads to. */
export type RowLink = Pick<LinkProps, 'to' | 'params' | 'search'>;
