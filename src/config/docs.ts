import { KNOWN_OPTIONS, TABLE } from './options.js';
import { BUILT_IN_FLAVORS } from './pipeline.js';

const flavors = BUILT_IN_FLAVORS.filter(Boolean)
  .map((flavor) => `\`${flavor}\``)
  .join(', ');

const INTRODUCTION = `# Configuration

<!-- Made from the option table by "glimpse config docs". -->

\`glance-api\` reads an existing \`glance-api.conf\` as it is.

- **Files**: every \`--config-file\`, in order, then the \`*.conf\` of every \`--config-dir\`. With neither, \`glance.conf\` and \`glance-api.conf\` are
  each looked for in \`~/.glance\`, \`~\`, \`/etc/glance\`, \`/etc\`; the first that exists is read. \`glimpse serve\` starts with built-in settings where none is found.
- **Precedence**: the command line, then the environment (\`OS_<SECTION>__<OPTION>\`, such as \`OS_DEFAULT__BIND_PORT\`), then files, the later over the earlier.
- **Form**: indented lines continue a value, \`#\` and \`;\` begin comment lines, sections of the same name merge, the last line that sets an option counts
  (options of type multi take all), \`$name\` and \`\${section.name}\` stand for other options, \`$$\` for a dollar sign. Lists may stand in brackets and their items in quotes.
- **Mistakes** are reported together, with file and line, and the program exits with 4. Unknown options are warnings that name the nearest known one.
  \`glimpse config check\` shows both without starting anything.
- **Paths** that are relative start at the working directory.

## Pipelines

\`[paste_deploy] flavor\` chooses the pipeline \`glance-api-<flavor>\` of the paste file: \`[paste_deploy] config_file\`, else the name of the last
configuration file with \`-paste.ini\` in place of \`.conf\`, beside it or in the folders above, if there is one. Without one these flavors are built in: ${flavors}; and, without a flavor, a pipeline in which everyone is an administrator.

## Logging

Lines go to stdout, or to \`log_file\`, which is opened anew when it was renamed or removed, and at SIGHUP. Formats take Python's \`%(name)s\` fields and oslo's
(\`%(request_id)s\`, \`%(user_identity)s\`, ...); \`log_format = json\` writes one object a line. Syslog lines go through the \`logger\` program of util-linux.
\`--log-config\` takes a file in the form of Python's fileConfig, with stream, file, watched file, rotating file and syslog handlers.
Values of tokens, passwords and keys are masked.

## Where this differs from Glance

- \`https_insecure\` is False: certificates of https sources are verified.
- \`workers\` is 0: the process that was started serves. With N, also with 1, that process starts N workers on the one port, watches over them and serves
  nothing itself. It migrates the schema before they start, replaces those that die, and stops all at SIGTERM or SIGINT. SIGHUP opens log files anew, has TLS certificates read anew,
  and reads no configuration, but a worker that replaces another reads it as it is then.
- Glance's log level without \`debug\` is INFO, as it has been since 2015; \`verbose\` changes nothing.
`;

/** The text of docs/configuration.md. */
export function configurationDocs(): string {
  const sections = Object.entries(TABLE).map(([section, options]) => {
    const rows = Object.entries(options).map(([name, { type, written, help, inert, formerly }]) => {
      const fallback = written === null ? '' : `\`${written || ' '}\``;
      const before = formerly ? ` Formerly ${formerly.map((place) => `\`${place}\``).join(', ')}.` : '';
      return `| \`${name}\` | ${cell(type)} | ${cell(fallback)} | ${cell(help + before)}${inert ? ' *No effect yet.*' : ''} |`;
    });
    return `### [${section}]\n\n| option | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  const known = Object.entries(KNOWN_OPTIONS).map(([section, names]) => {
    const list = names[0] === '*' ? 'all' : names.map((name) => `\`${name}\``).join(', ');
    return `- **[${section}]** ${list}`;
  });
  return `${INTRODUCTION}
## Options

${sections.join('\n')}
## Known, without effect

These options of Glance are read past without a warning.

${known.join('\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
