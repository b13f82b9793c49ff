/**
 * The scripts by which a shell completes a command line. They know no command: each asks the
 * executable, whose answer is one line for each word, the word first, then its description. The
 * executable is kept from the terminal, where typed keys may wait for the shell.
 */

/** The shells with a script. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** The line that requests the names of folders. */
export const foldersLine = ":folders";
/** The line that requests the names of files and folders. */
export const filesLine = ":files";

/** The script of each shell. */
export const scripts: Readonly<Record<Shell, string>> = {
  // No mapfile: the bash of macOS has none.
  bash: `# bash completion of peernet; in ~/.bashrc:  eval "$(peernet completions bash)"
_peernet() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = ${foldersLine} ] || [ "$line" = ${filesLine} ]; then
      local kind=-d
      [ "$line" = ${foldersLine} ] || kind=-f
      while IFS= read -r line; do
        COMPREPLY+=("$line")
      done < <(compgen "$kind" -- "\${COMP_WORDS[COMP_CWORD]}")
      compopt -o filenames 2>/dev/null
    else
      COMPREPLY+=("\${line%% *}")
    fi
  done < <(command peernet completions words -- \
    "\${COMP_WORDS[@]:1:COMP_CWORD}" </dev/null 2>/dev/null)
  case "\${COMPREPLY[0]-}" in
  */) [ "\${#COMPREPLY[@]}" -ne 1 ] || compopt -o nospace 2>/dev/null ;;
  esac
}
complete -F _peernet peernet
`,
  zsh: `#compdef peernet
# zsh completion of peernet; in ~/.zshrc, after compinit:  eval "$(peernet completions zsh)"
_peernet() {
  local line
  local -a lines values shown
  local typed=("\${(@)words[2,CURRENT-1]}" "$PREFIX")
  lines=("\${(@f)$(command peernet completions words -- "\${(@)typed}" </dev/null 2>/dev/null)}")
  if [[ $lines[1] == ${foldersLine} ]]; then
    _files -/
    return
  fi
  if [[ $lines[1] == ${filesLine} ]]; then
    _files
    return
  fi
  for line in $lines; do
    [[ -n $line ]] || continue
    values+=("\${line%% *}")
    shown+=("\${line/ /  }")
  done
  if (( \${#values} == 1 )) && [[ $values[1] == */ ]]; then
    compadd -S '' -- $values
  else
    compadd -l -d shown -- $values
  fi
}
if [[ $funcstack[1] == _peernet ]]; then
  _peernet "$@"
else
  compdef _peernet peernet
fi
`,
  fish: `# fish completion of peernet; in config.fish:  peernet completions fish | source
function __peernet_words
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    for line in (command peernet completions words -- $words "$current" </dev/null 2>/dev/null)
        if test "$line" = ${foldersLine}
            __fish_complete_directories "$current"
        else if test "$line" = ${filesLine}
            __fish_complete_path "$current"
        else
            string replace ' ' \\t -- $line
        end
    end
end
complete -c peernet -f -a '(__peernet_words)'
`,
};
