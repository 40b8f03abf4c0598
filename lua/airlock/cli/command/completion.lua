--- airlock completion: what bash, zsh or fish completes the command with.

local output = require "airlock.cli.output"

local lists = {}

function lists.profiles()
  return require("airlock.cli.profile").names()
end

function lists.providers()
  return require("airlock").providers()
end

local function run(given)
  local list = lists[given.what]
  if list then
    for _, name in ipairs(list()) do output.write(name .. "\n") end
    return
  end
  output.write(require("airlock.cli.shells." .. given.what)(require("airlock.cli").commands()))
end

return {
  name = "completion",
  summary = "Print what a shell completes the command with",
  details = "Prints a script that lets bash, zsh or fish complete subcommands, options, and the names of profiles and "
    .. "providers. An installed "
    .. "Airlock has put it where they look. `profiles` and `providers` print the names that these scripts ask for.",
  arguments = { { "what", help = "bash, zsh or fish; or profiles or providers",
    choices = { "bash", "zsh", "fish", "profiles", "providers" }, complete = { "bash", "zsh", "fish" } } },
  options = {},
  examples = {
    { "eval \"$(airlock completion bash)\"", "for this bash" },
    { "airlock completion fish > ~/.config/fish/completions/airlock.fish", "for every fish to come" },
  },
  run = run,
}
