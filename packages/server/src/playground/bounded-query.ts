import pg from 'pg';

/** The part of a connection that a query needs. */
interface Connection {
  execute(portal: { readonly portal: string; readonly rows: number }): void;
  sync(): void;
}

/**
 * One statement by the extended protocol, which takes no second one. PostgreSQL gives at most `most` rows; what is left of them is never
 * made. Values come as the text that PostgreSQL writes.
 */
export class BoundedQuery extends pg.Query<(string | null)[]> {
  /** There were more rows than `most`. */
  suspended = false;
  readonly #most: number;

  constructor(text: string, most: number) {
    super({
      text,
      rowMode: 'array',
      queryMode: 'extended',
      types: { getTypeParser: () => (value: unknown) => value },
    } as pg.QueryConfig);
    this.#most = most;
  }

  /** pg itself asks for all of them, or comes back for the next ones. */
  _getRows(connection: Connection): void {
    connection.execute({ portal: '', rows: this.#most });
    connection.sync();
  }

  handlePortalSuspended(): void {
    this.suspended = true;
  }
}
