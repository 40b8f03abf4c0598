-- pages: writes what is made from the descriptions of the subcommands, man/airlock.1 and completion/; run by `make
-- pages`.

local cli = require "airlock.cli"
local commands = cli.commands()

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

write("man/airlock.1", require("airlock.cli.manual").page(commands, require("airlock.cli.settings").options))
write("completion/airlock.bash", require "airlock.cli.shells.bash"(commands))
write("completion/_airlock", require "airlock.cli.shells.zsh"(commands))
write("completion/airlock.fish", require "airlock.cli.shells.fish"(commands))
