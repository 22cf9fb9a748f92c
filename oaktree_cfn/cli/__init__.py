"""The command line: arguments, consent and exit codes. The only room that prints or prompts."""
