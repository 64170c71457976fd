"""Exit 0 when the address given answers 200 within 3 s: the health check of a container without curl."""

import sys
import urllib.error
import urllib.request

try:
    with urllib.request.urlopen(sys.argv[1], timeout=3) as answer:  # noqa: S310 - the compose file names the address
        sys.exit(answer.status != 200)
except (OSError, urllib.error.HTTPError) as error:
    sys.exit(f"{sys.argv[1]}: {error}")
