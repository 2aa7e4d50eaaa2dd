#!/bin/sh
# runner.sh STATE --input CHUNK --output JSON
# The runner of a soak: it hears what is written in the chunk, and goes wrong once where STATE says.
state=$1 chunk=$3 answer=$5
id=${chunk##*/}
id=${id%.wav}
echo "$id" >>"$state/heard"
read -r heard <"$chunk"
fault=
if [ -e "$state/faults/$id" ]; then
  read -r fault <"$state/faults/$id"
  echo "$fault" >>"$state/injected"
  if [ "$fault" != fails-for-good ]; then rm -f "$state/faults/$id"; fi
fi
case $fault in
crashes) kill -s SEGV $$ ;;
exits) echo "no luck today" >&2 && exit 7 ;;
fails-for-good) echo "no luck on any day" >&2 && exit 9 ;;
hangs) exec sleep 900 ;;
is-deaf) trap '' TERM && sleep 900 ; sleep 900 ;;
is-killed) echo $$ >"$state/doomed/$id" && exec sleep 900 ;;
says-nothing) exit 0 ;;
writes-part) printf '%.30s' "$heard" >"$answer" && exit 0 ;;
writes-no-text) printf '[{"label": "\377\376"}]' >"$answer" && exit 0 ;;
writes-another) printf '{"chunk_id": "x", "detections": []}' >"$answer" && exit 0 ;;
leaves-children) sleep 900 & command -v setsid >/dev/null && setsid sleep 900 & ;;
esac
printf '%s\n' "$heard" >"$answer"
