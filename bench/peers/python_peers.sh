# To be sourced: packages at fixed versions in an environment of their own.
#   python_peers FOLDER NAME==VERSION…     prints the Python interpreter that has them, and installs them if it is not there
python_peers() {
  local venv=$1
  shift
  local check='import sys
from importlib.metadata import version
wanted = [word.split("==") for word in sys.argv[1:]]
sys.exit([name for name, number in wanted if version(name) != number] or None)'
  if ! "$venv/bin/python" -c "$check" "$@" 2>/dev/null; then
    echo "creating $venv" >&2
    /usr/bin/python3 -m venv "$venv" >&2
    "$venv/bin/pip" install -q "$@" >&2
    "$venv/bin/python" -c "$check" "$@" >&2
  fi
  echo "$venv/bin/python"
}
