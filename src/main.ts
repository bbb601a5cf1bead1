#!/usr/bin/env node
import { run } from './cli/run.js';
import { version } from './cli/version.js';
import { StartupError } from './process/startup-error.js';

const HELP = `Usage: glimpse COMMAND [arguments]

Commands:
  serve [CONFIG_FILE] [options]     Serve the image API; without a configuration file with built-in settings, data in ./var.
  manage db sync|version|check|purge
                                    Look after the database (also installed as glance-manage).
  config sample|docs|check          Print a sample configuration or its documentation, or check a configuration.
  sync [options] URL                Mirror a repository of images (also installed as image-sync).
  policy list|check                 Print the access rules in force, or ask one of them about an actor and an image.
  publish [DIR|s3://...]            Publish images as a repository of plain files; publish keys makes keys to sign it with.

  --help and --version work here and after each command.
`;

await run(async () => {
  const [command, ...rest] = process.argv.slice(2);
  switch (command) {
    case 'serve': {
      const [{ serve }, { SAMPLE_SETTINGS }] = await Promise.all([
        import('./cli/serve.js'),
        import('./config/sample.js'),
      ]);
      return serve(rest, { command: 'glimpse serve', builtIn: SAMPLE_SETTINGS, announce: true });
    }
    case 'manage': {
      const { manage } = await import('./cli/manage.js');
      return manage(rest, { command: 'glimpse manage', builtIn: true });
    }
    case 'config': {
      const { configCommand } = await import('./cli/config-command.js');
      return configCommand(rest);
    }
    case 'sync': {
      const { syncCommand } = await import('./cli/sync-command.js');
      return syncCommand(rest, 'glimpse sync');
    }
    case 'policy': {
      const { policyCommand } = await import('./cli/policy-command.js');
      return policyCommand(rest);
    }
    case 'publish': {
      const { publishCommand } = await import('./cli/publish.js');
      return publishCommand(rest);
    }
    case '--version':
      process.stdout.write(`${version()}\n`);
      return 0;
    case undefined:
    case 'help':
    case '-h':
    case '--help':
      process.stdout.write(HELP);
      return command === undefined ? 2 : 0;
    default:
      throw new StartupError(`unknown command ${JSON.stringify(command)}; "glimpse --help" shows those there are`, 2);
  }
});
