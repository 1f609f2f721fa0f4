# What bash offers at the end of each command line given, by the function that is installed for shoplake.
source ./completion.bash
installed=$(complete -p shoplake | sed 's/.* -F \([^ ]*\) .*/\1/')
for COMP_LINE in "$@"; do
  COMP_POINT=${#COMP_LINE}
  read -ra COMP_WORDS <<<"$COMP_LINE"
  if [[ $COMP_LINE == *" " ]]; then COMP_WORDS+=(""); fi
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  "$installed" shoplake "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
  for word in "${COMPREPLY[@]}"; do echo "$word"; done
  echo end
done
