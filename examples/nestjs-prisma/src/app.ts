import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { appModule } from './app-module.ts';
import type { App, AppOptions } from './application.ts';

/** The application; it listens to nothing yet. */
export async function buildApp(options: AppOptions): Promise<App> {
  const app = await NestFactory.create(appModule(options), {
    logger: ['error', 'warn'],
    // What fails is the caller's to report, and connections are still to be closed.
    abortOnError: false,
  });
  return {
    async listen(port, host = '127.0.0.1') {
      await app.listen(port, host);
      return app.getUrl();
    },
    close: () => app.close(),
  };
}
