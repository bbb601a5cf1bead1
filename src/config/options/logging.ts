import { boolean, choice, integer, list, optional, text } from '../option.js';

const CONTEXT_FORMAT =
  '%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [%(request_id)s %(user_identity)s] %(message)s';
const DEFAULT_FORMAT = '%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(message)s';
const EXCEPTION_PREFIX = '%(asctime)s.%(msecs)03d %(process)d ERROR %(name)s ';

/** [DEFAULT]: where log lines go and how they look. */
export const LOGGING_OPTIONS = {
  debug: boolean('Log at level DEBUG instead of INFO.', false),
  verbose: boolean('Log at level INFO, which is the default.', true),
  log_config_append: optional("Logging file in the form of Python's fileConfig; replaces the other logging options.", {
    formerly: ['DEFAULT.log_config', 'DEFAULT.log-config'],
  }),
  log_format: optional('One format for all lines, with %(name)s fields; "json" writes one JSON object a line.'),
  logging_context_format_string: text('Format of lines that belong to a request.', CONTEXT_FORMAT),
  logging_default_format_string: text('Format of the other lines.', DEFAULT_FORMAT),
  logging_exception_prefix: text('What stands before each line of a stack.', EXCEPTION_PREFIX),
  log_date_format: text('Format of %(asctime)s, as for strftime.', '%Y-%m-%d %H:%M:%S'),
  log_file: optional('File to log to instead of stdout; opened again after it was rotated.', {
    formerly: ['DEFAULT.logfile'],
  }),
  log_dir: optional('Folder of the log file; without log_file the file is named after the program.', {
    formerly: ['DEFAULT.logdir'],
  }),
  use_stderr: boolean('Log to stderr too.', false),
  use_syslog: boolean('Log to syslog (through the logger program) too.', false),
  syslog_log_facility: text('Facility of syslog lines.', 'LOG_USER'),
  default_log_levels: list('Levels of single loggers, as name=LEVEL.', []),
  max_logfile_count: integer('Rotated files to keep, where log_rotation_type is size.', 30, { min: 1 }),
  max_logfile_size_mb: integer('MiB of a log file, where log_rotation_type is size.', 200, { min: 1 }),
  log_rotation_type: choice('Whether the server rotates its log file itself.', 'none', ['none', 'size']),
} as const;
