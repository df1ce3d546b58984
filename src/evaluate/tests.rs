mod approval;
