#!/usr/bin/env node
// The command: a file of its own, which no build writes anew, so that it stays executable.
import "../dist/cli/main.js";
