import pg from 'pg';

/** The part of a connection that a query needs. */
interface Connection {
  sync(): void;
}

/**
 * One statement by the extended protocol, which takes no second one. PostgreSQL gives at most `most` rows; what is left of them is never
 * made. Values come as the text that PostgreSQL writes.
 */
export class BoundedQuery extends pg.Query<(string | null)[]> {
  /** There were more rows than `most`. */
  suspended = false;

  constructor(text: string, most: number) {
    super({
      text,
      rowMode: 'array',
      rows: most,
      queryMode: 'extended',
      types: { getTypeParser: () => (value: unknown) => value },
    } as pg.QueryConfig);
  }

  /** pg would ask for the next rows; here the statement ends. */
  handlePortalSuspended(connection: Connection): void {
    this.suspended = true;
    connection.sync();
  }
}
