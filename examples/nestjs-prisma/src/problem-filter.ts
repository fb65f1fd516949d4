import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { answerTo } from './problem.ts';

/** Answers every error with a problem of RFC 9457. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('HTTP');

  catch(exception: unknown, host: ArgumentsHost): void {
    const { status, headers, body } = answerTo(causeOf(exception));
    if (status >= 500) this.#logger.error(exception);
    host.switchToHttp().getResponse<Response>().status(status).set(headers).send(body);
  }
}

/** What a guard or an interceptor refuses comes wrapped. */
function causeOf(exception: unknown): unknown {
  if (!(exception instanceof HttpException)) return exception;
  return exception.cause ?? { status: exception.getStatus() };
}
