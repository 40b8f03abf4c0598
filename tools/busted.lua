-- Runs busted under whichever Lua runs this file; its own launcher is tied to one.
require "busted.runner" { standalone = false }
