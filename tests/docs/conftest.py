"""The commands are built once for all tests of this folder."""

from tests.harness.command_line import commands_built_once as commands_built_once
