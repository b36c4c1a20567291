"""One Linux machine as AWS: an AWS API whose records become real nodes, load balancers and DNS."""
