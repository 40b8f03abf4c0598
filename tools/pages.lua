-- pages: writes share/man and share/completion from the descriptions of the subcommands; run by `make pages`.

local cli = require "airlock.cli"
local commands = cli.commands()
local manual = dofile "tools/pages/manual.lua"

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

write("share/man/airlock.1", manual.page(commands, require("airlock.cli.settings").options))
write("share/completion/airlock.bash", require "airlock.cli.shells.bash"(commands))
write("share/completion/_airlock", require "airlock.cli.shells.zsh"(commands))
write("share/completion/airlock.fish", require "airlock.cli.shells.fish"(commands))
