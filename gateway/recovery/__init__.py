"""What a database that was restored or begun anew learns back from central before it speaks to it."""
