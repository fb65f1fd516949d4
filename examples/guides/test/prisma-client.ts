import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// Makes prisma/generated of schema.prisma as the guide says, with generate.sh: a second, and nothing is downloaded. Import it
// before what imports the client.
execFileSync('sh', [fileURLToPath(new URL('../generate.sh', import.meta.url))], {
  cwd: fileURLToPath(new URL('../prisma', import.meta.url)),
  // Without it Prisma asks its maker for news.
  env: { ...process.env, CHECKPOINT_DISABLE: '1' },
  stdio: 'pipe',
});
