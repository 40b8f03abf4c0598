-- Runs busted under whichever Lua runs this file; its own launcher is tied to one.
-- Between two specs busted unloads what they loaded. luv doesn't survive that: its loop is collected, and its functions
-- go on using it.
pcall(require, "luv")
require "busted.runner" { standalone = false }
